import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { type Tagging, useTagging } from "./use-tagging";

export type Ids = ReadonlySet<string>;

export interface ListWork {
  chosen: Ids;
  setChosen: (next: Ids | ((before: Ids) => Ids)) => void;
  tagging: Tagging;
}

const Context = createContext<ListWork | null>(null);

/** Who is selected and what is being done with them: above the pages, so that it outlives a look at one customer. */
export function ListWorkProvider({ children }: { children: ReactNode }) {
  const [chosen, setChosen] = useState<Ids>(new Set());
  const tagging = useTagging();
  const work = useMemo(() => ({ chosen, setChosen, tagging }), [chosen, tagging]);
  return <Context value={work}>{children}</Context>;
}

export function useListWork(): ListWork {
  const work = useContext(Context);
  if (!work) throw new Error("outside a ListWorkProvider");
  return work;
}
