import { useCallback, useState } from "react";

/**
 * Text that outlives a way to the sign-in and back: kept in the storage of this tab until it is saved or given up. Without
 * a name it is kept by the page alone.
 */
export function useDraft(name: string | null): [string | null, (text: string | null) => void] {
  const key = name && `bee.draft.${name}`;
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

export function forgetDrafts(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("bee.draft.")) sessionStorage.removeItem(key);
}
