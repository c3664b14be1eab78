import { useMemo, useState, useSyncExternalStore } from "react";
import { COLUMN_IDS, type ColumnId, LAYOUT } from "./columns";

const KEY = "bee.columns";

/** The columns chosen, remembered by the browser, whatever the width; where none were, those that the window has room for. */
export function useColumns(): [ColumnId[], (column: ColumnId, isShown: boolean) => void] {
  const [chosen, setChosen] = useState(() => remembered(localStorage.getItem(KEY)));
  const fitting = useFitting();
  const shown = chosen ?? fitting;
  function choose(column: ColumnId, isShown: boolean) {
    const next = COLUMN_IDS.filter((id) => (id === column ? isShown : shown.includes(id)));
    localStorage.setItem(KEY, next.join(","));
    setChosen(next);
  }
  return [shown, choose];
}

/** What was remembered, without columns that are no more; the name is always there. */
export function remembered(text: string | null): ColumnId[] | null {
  if (text === null) return null;
  const names = text.split(",");
  return COLUMN_IDS.filter((id) => id === "full_name" || names.includes(id));
}

/** The columns of a window, of which `isAsWide` knows whether it has this width. */
export function fittingIn(isAsWide: (rem: number) => boolean): ColumnId[] {
  return COLUMN_IDS.filter((id) => LAYOUT[id].from !== null && isAsWide(LAYOUT[id].from));
}

function useFitting(): ColumnId[] {
  const names = useSyncExternalStore(subscribe, () => fittingIn((rem) => matchMedia(`(min-width: ${rem}rem)`).matches).join(","));
  return useMemo(() => names.split(",") as ColumnId[], [names]);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("resize", listener);
  return () => window.removeEventListener("resize", listener);
}
