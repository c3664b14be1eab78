import { useEffect, useState } from "react";

/** Longer than between the two halves of a double click or tap. */
const DOUBLE_MS = 400;

/**
 * Whether what is shown has been so for a moment: before that a click may be the second half of a double one, meant for
 * what stood in this place before. `isNew` where it has just come into the place of something else.
 */
export function useSettled(shown: string, isNew = false): boolean {
  const [settled, setSettled] = useState<string | null>(isNew ? null : shown);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(shown), DOUBLE_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  return settled === shown;
}
