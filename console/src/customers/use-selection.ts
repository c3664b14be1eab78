import { useCallback, useMemo, useRef } from "react";
import { useListWork } from "./list-work";
import { between, changed, countElsewhere, type Ids } from "./selected-ids";

export interface Selection {
  ids: Ids;
  /** How many of them are on no page of the list that was read: it was narrowed or ordered anew since. */
  elsewhere: number;
  isAll: boolean;
  has(id: string): boolean;
  /** One customer; or with `isRange` all from the one that was chosen last to this one. */
  choose(id: string, isOn: boolean, isRange: boolean): void;
  chooseAll(isOn: boolean): void;
  clear(): void;
}

/** Which customers are selected; `loaded` are those of the list that were read so far, in sight or not. */
export function useSelection(loaded: string[]): Selection {
  const { chosen, setChosen } = useListWork();
  const last = useRef<string | null>(null);
  const set = useCallback((ids: string[], isOn: boolean) => setChosen((before) => changed(before, ids, isOn)), [setChosen]);
  return useMemo(
    () => ({
      ids: chosen,
      elsewhere: countElsewhere(chosen, loaded),
      isAll: loaded.length > 0 && loaded.every((id) => chosen.has(id)),
      has: (id) => chosen.has(id),
      choose: (id, isOn, isRange) => {
        set(isRange ? between(loaded, last.current, id) : [id], isOn);
        last.current = id;
      },
      chooseAll: (isOn) => set(loaded, isOn),
      clear: () => setChosen(new Set()),
    }),
    [chosen, set, setChosen, loaded],
  );
}
