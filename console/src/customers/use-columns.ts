import { useState } from "react";
import { COLUMN_IDS, type ColumnId, FIRST_SHOWN } from "./columns";

const KEY = "bee.columns";

/** The columns chosen, remembered by the browser; the name is always there. */
export function useColumns(): [ColumnId[], (column: ColumnId, isShown: boolean) => void] {
  const [shown, setShown] = useState(() => remembered(localStorage.getItem(KEY)));
  function choose(column: ColumnId, isShown: boolean) {
    const chosen = COLUMN_IDS.filter((id) => (id === column ? isShown : shown.includes(id)));
    localStorage.setItem(KEY, chosen.join(","));
    setShown(chosen);
  }
  return [shown, choose];
}

/** What was remembered, without columns that are no more. */
export function remembered(text: string | null): ColumnId[] {
  if (text === null) return FIRST_SHOWN;
  const names = text.split(",");
  return COLUMN_IDS.filter((id) => id === "full_name" || names.includes(id));
}
