import { useCallback, useMemo, useState } from "react";

export interface Selection {
  ids: ReadonlySet<string>;
  has(id: string): boolean;
  choose(id: string, isOn: boolean): void;
  choosePage(isOn: boolean): void;
  clear(): void;
}

/** Which customers are selected; `loaded` tells which ones "all" means. */
export function useSelection(loaded: () => string[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const set = useCallback((chosen: string[], isOn: boolean) => {
    setIds((before) => {
      const after = new Set(before);
      for (const id of chosen) isOn ? after.add(id) : after.delete(id);
      return after;
    });
  }, []);
  return useMemo(
    () => ({
      ids,
      has: (id) => ids.has(id),
      choose: (id, isOn) => set([id], isOn),
      choosePage: (isOn) => set(loaded(), isOn),
      clear: () => setIds(new Set()),
    }),
    [ids, set, loaded],
  );
}
