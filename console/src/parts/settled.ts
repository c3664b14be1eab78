import { useEffect, useState } from "react";

/** Longer than between the two halves of a double click or tap. */
const DOUBLE_MS = 400;

/**
 * Whether what is shown has been there for a moment, and since it last changed: before that a click may be the second
 * half of a double one, meant for what stood in this place before.
 */
export function useSettled(shown: unknown): boolean {
  const [settled, setSettled] = useState<unknown>(NOTHING);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(() => shown), DOUBLE_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  return settled === shown;
}

const NOTHING = Symbol();
