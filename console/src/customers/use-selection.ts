import { useCallback, useMemo } from "react";
import { type Ids, useListWork } from "./list-work";

export interface Selection {
  ids: Ids;
  /** How many of them are on no page of the list that was read: it was narrowed or ordered anew since. */
  elsewhere: number;
  isAll: boolean;
  has(id: string): boolean;
  choose(id: string, isOn: boolean): void;
  chooseAll(isOn: boolean): void;
  clear(): void;
}

/** Which customers are selected; `loaded` are those of the list that were read so far, in sight or not. */
export function useSelection(loaded: string[]): Selection {
  const { chosen, setChosen } = useListWork();
  const set = useCallback((ids: string[], isOn: boolean) => setChosen((before) => changed(before, ids, isOn)), [setChosen]);
  return useMemo(
    () => ({
      ids: chosen,
      elsewhere: countElsewhere(chosen, loaded),
      isAll: loaded.length > 0 && loaded.every((id) => chosen.has(id)),
      has: (id) => chosen.has(id),
      choose: (id, isOn) => set([id], isOn),
      chooseAll: (isOn) => set(loaded, isOn),
      clear: () => setChosen(new Set()),
    }),
    [chosen, set, setChosen, loaded],
  );
}

export function changed(before: Ids, ids: string[], isOn: boolean): Ids {
  const after = new Set(before);
  for (const id of ids) isOn ? after.add(id) : after.delete(id);
  return after;
}

export function countElsewhere(chosen: Ids, loaded: string[]): number {
  return chosen.size - new Set(loaded.filter((id) => chosen.has(id))).size;
}
