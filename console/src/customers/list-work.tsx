import { createContext, type ReactNode, type RefObject, useCallback, useContext, useMemo, useRef, useState } from "react";
import type { PageBook } from "./page-book";
import { changed, type Ids } from "./selected-ids";
import { type Tagging, useTagging } from "./use-tagging";

export interface ListWork {
  chosen: Ids;
  setChosen: (next: Ids | ((before: Ids) => Ids)) => void;
  /** Customers that are not there any more are not selected either. */
  forget: (ids: string[]) => void;
  tagging: Tagging;
  /** The list that was read last and what is known of its pages, for the way back to it. */
  lastBook: RefObject<{ of: string; book: PageBook } | null>;
}

const Context = createContext<ListWork | null>(null);

/** Who is selected and what is being done with them: above the pages, so that it outlives a look at one customer. */
export function ListWorkProvider({ children }: { children: ReactNode }) {
  const [chosen, setChosen] = useState<Ids>(new Set());
  const forget = useCallback((ids: string[]) => setChosen((before) => changed(before, ids, false)), []);
  const tagging = useTagging(forget);
  const lastBook = useRef(null);
  const work = useMemo(() => ({ chosen, setChosen, forget, tagging, lastBook }), [chosen, forget, tagging]);
  return <Context value={work}>{children}</Context>;
}

export function useListWork(): ListWork {
  const work = useContext(Context);
  if (!work) throw new Error("outside a ListWorkProvider");
  return work;
}
