import { useCallback, useState } from "react";

/** Text that outlives a way to the sign-in and back: kept in the storage of this tab until it is saved or given up. */
export function useDraft(name: string): [string | null, (text: string | null) => void] {
  const key = `bee.draft.${name}`;
  const [text, setText] = useState(() => sessionStorage.getItem(key));
  const keep = useCallback(
    (next: string | null) => {
      if (next === null) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, next);
      setText(next);
    },
    [key],
  );
  return [text, keep];
}

export function forgetDrafts(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("bee.draft.")) sessionStorage.removeItem(key);
}
