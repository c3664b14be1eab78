import { useCallback, useState } from "react";

const PREFIX = "bee.draft.";

/**
 * Text that outlives a way to the sign-in and back: kept in the storage of this tab until it is saved or given up. Without
 * a name it is kept by the page alone.
 */
export function useDraft(name: string | null): [string | null, (text: string | null) => void] {
  const key = name && PREFIX + name;
  const [text, setText] = useState(() => key && sessionStorage.getItem(key));
  const keep = useCallback(
    (next: string | null) => {
      if (key && next === null) sessionStorage.removeItem(key);
      else if (key && next !== null) sessionStorage.setItem(key, next);
      setText(next);
    },
    [key],
  );
  return [text, keep];
}

/** What is kept in this tab, as it was stored. */
export function storedDrafts(): string[] {
  return keysOf("").map((key) => sessionStorage.getItem(key) ?? "");
}

/** Forgets all drafts, or those whose names begin so. */
export function forgetDrafts(names = ""): void {
  for (const key of keysOf(names)) sessionStorage.removeItem(key);
}

function keysOf(names: string): string[] {
  return Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX + names));
}
