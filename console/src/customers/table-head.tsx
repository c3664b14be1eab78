import type { RefObject } from "react";
import type { Sort } from "../api/types";
import { useLocale } from "../texts/locale";
import { type ColumnId, LAYOUT, SORTABLE } from "./columns";
import { Tick } from "./tick";
import type { Selection } from "./use-selection";

interface Props {
  head: RefObject<HTMLTableSectionElement | null>;
  shown: ColumnId[];
  sort: Sort;
  onSort: (sort: Sort) => void;
  selection: Selection;
  isStale: boolean;
}

export function Head(props: Props) {
  const { t } = useLocale();
  const { selection } = props;
  return (
    <thead ref={props.head}>
      <tr>
        <th scope="col" className="sticky top-0 z-10 w-11 border-b border-line bg-sunken p-0 text-center">
          <Tick label={t.list.selectAll} isOn={selection.isAll} isOff={props.isStale} onChange={selection.chooseAll} />
        </th>
        {props.shown.map((id) => (
          <HeadCell key={id} id={id} sort={props.sort} onSort={props.onSort} />
        ))}
      </tr>
    </thead>
  );
}

function HeadCell({ id, sort, onSort }: { id: ColumnId; sort: Sort; onSort: (sort: Sort) => void }) {
  const { t } = useLocale();
  const { width, align } = LAYOUT[id];
  const isSorted = sort.replace("-", "") === id;
  const isDescending = sort.startsWith("-");
  const text = t.fields[id];
  // names begin at A, numbers and dates at their largest
  const other = (isSorted ? (isDescending ? id : `-${id}`) : id === "full_name" ? id : `-${id}`) as Sort;
  return (
    <th
      scope="col"
      aria-sort={isSorted ? (isDescending ? "descending" : "ascending") : undefined}
      className={`sticky top-0 z-10 border-b border-line bg-sunken px-2 py-1 text-sm font-semibold text-muted ${width} ${align}`}
    >
      {SORTABLE.has(id) ? (
        <button type="button" title={text} onClick={() => onSort(other)} className="min-h-8 max-w-full truncate hover:text-ink">
          {text}
          {isSorted && (
            <span aria-hidden="true" className="ml-1 text-accent">
              {isDescending ? "↓" : "↑"}
            </span>
          )}
        </button>
      ) : (
        <span title={text} className="block truncate">
          {text}
        </span>
      )}
    </th>
  );
}
