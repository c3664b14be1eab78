import { flexRender, getCoreRowModel, type Row, useReactTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Customer, Sort } from "../api/types";
import { isStepBack } from "../router";
import { useLocale } from "../texts/locale";
import { COLUMN_IDS, COLUMNS, type ColumnId, LAYOUT } from "./columns";
import { Head } from "./table-head";
import { Tick } from "./tick";
import { placeOf, usePlace } from "./use-place";
import type { Selection } from "./use-selection";

const ROW_PX = 52;
const OVERSCAN = 8;
const FIRST_PAGE = "bee.first-page";
/** The customer that was opened last from the list of an address: the focus comes back to that row. */
const opened = new Map<string, string>();

interface Props {
  count: number;
  isWhole: boolean;
  rowAt: (index: number) => Customer | undefined;
  look: (from: number, to: number) => void;
  shown: ColumnId[];
  sort: Sort;
  onSort: (sort: Sort) => void;
  selection: Selection;
  isStale: boolean;
  place: string;
}

export function CustomerTable(props: Props) {
  const { t } = useLocale();
  const scroller = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLTableSectionElement>(null);
  const headPx = useHeight(head);
  const virtual = useVirtualizer({
    count: props.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    // the head stays at the top, over the rows behind it
    scrollMargin: headPx,
    scrollPaddingStart: headPx,
    initialOffset: () => placeOf(props.place),
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  const { look, place } = props;
  useEffect(() => look(first, last), [look, first, last]);
  const keeping = usePlace(scroller, place, props.isWhole);

  const loaded = items.map((item) => props.rowAt(item.index)).filter((row) => row !== undefined);
  useFirstPageMark(loaded.length > 0);
  const byId = useRowsOfTable(loaded, props.shown);
  useFocusOnTheWayBack(scroller, place);
  const before = items[0] ? items[0].start - headPx : 0;
  const behind = virtual.getTotalSize() - (items.at(-1)?.end ?? headPx) + headPx;
  return (
    <div
      ref={scroller}
      role="region"
      aria-label={t.list.table}
      tabIndex={0}
      {...keeping}
      onClick={(event) => {
        const row = (event.target as HTMLElement).closest("a")?.closest<HTMLElement>("[data-id]");
        if (row?.dataset["id"]) opened.set(place, row.dataset["id"]);
      }}
      onKeyDown={(event) => moveBetweenRows(event, virtual.scrollToIndex)}
      className="panel min-h-64 flex-1 overflow-auto overscroll-contain [overflow-anchor:none]"
    >
      <table className={`w-full table-fixed border-separate border-spacing-0 ${props.isStale ? "opacity-60" : ""}`} aria-busy={props.isStale} aria-rowcount={-1}>
        <Head {...props} head={head} />
        <tbody>
          {before > 0 && <Spacer height={before} />}
          {items.map((item) => {
            const customer = props.rowAt(item.index);
            const row = customer && byId.get(customer.id);
            return row ? (
              <CustomerRow key={row.id} row={row} index={item.index} selection={props.selection} isStale={props.isStale} />
            ) : (
              <Waiting key={item.key} />
            );
          })}
          {behind > 0 && <Spacer height={behind} />}
        </tbody>
      </table>
    </div>
  );
}

function useHeight(part: RefObject<HTMLElement | null>): number {
  const [height, setHeight] = useState(0);
  useLayoutEffect(() => setHeight(part.current?.offsetHeight ?? 0));
  return height;
}

/** Once the row is there again that was left for a customer, it has the focus, unless somebody has moved it on. */
function useFocusOnTheWayBack(scroller: RefObject<HTMLElement | null>, place: string): void {
  const wanted = useRef(isStepBack() ? opened.get(place) : undefined);
  useEffect(() => {
    if (!wanted.current) return;
    const link = scroller.current?.querySelector<HTMLElement>(`[data-id="${wanted.current}"] a`);
    const isFree = document.activeElement?.matches("body, h1") ?? true;
    if (link && isFree) link.focus({ preventScroll: true });
    if (link || !isFree) wanted.current = undefined;
  });
}

/** Marks the moment the first rows are there, for whoever measures it: the tests, or the browser's own tools. */
function useFirstPageMark(isThere: boolean): void {
  useEffect(() => {
    if (isThere && performance.getEntriesByName(FIRST_PAGE).length === 0) performance.mark(FIRST_PAGE);
  }, [isThere]);
}

function useRowsOfTable(data: Customer[], shown: ColumnId[]): Map<string, Row<Customer>> {
  const columnVisibility = useMemo(() => Object.fromEntries(COLUMN_IDS.map((id) => [id, shown.includes(id)])), [shown]);
  const table = useReactTable({
    data,
    columns: COLUMNS,
    getRowId: (customer) => customer.id,
    getCoreRowModel: getCoreRowModel(),
    manualSorting: true,
    // the rows in sight are others at each render; to reset anything then would be another render, without end
    autoResetAll: false,
    state: { columnVisibility },
  });
  return new Map(table.getRowModel().rows.map((row) => [row.id, row]));
}

function CustomerRow(props: { row: Row<Customer>; index: number; selection: Selection; isStale: boolean }) {
  const { row, index, selection } = props;
  const { t } = useLocale();
  const customer = row.original;
  const isChosen = selection.has(customer.id);
  const line = useRef<HTMLTableRowElement>(null);
  useLayoutEffect(() => {
    const own = line.current;
    // a row that scrolls away leaves the focus with the list, where the arrow keys go on
    return () => {
      if (own?.contains(document.activeElement)) own.closest<HTMLElement>("[role=region]")?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <tr ref={line} data-row={index} data-id={customer.id} className={`h-[52px] ${isChosen ? "bg-sunken" : "hover:bg-ground"}`}>
      <td className="border-b border-line p-0 text-center">
        <Tick
          label={t.list.select(customer.full_name)}
          isOn={isChosen}
          isOff={props.isStale}
          onChange={(isOn, isRange) => selection.choose(customer.id, isOn, isRange)}
        />
      </td>
      {row.getVisibleCells().map((cell) => {
        const { align } = LAYOUT[cell.column.id as ColumnId];
        return (
          <td key={cell.id} className={`border-b border-line px-2 ${align}`}>
            {flexRender(cell.column.columnDef.cell, cell.getContext())}
          </td>
        );
      })}
    </tr>
  );
}

function Waiting() {
  return (
    <tr className="h-[52px]" aria-hidden="true">
      <td />
      <td className="px-2">
        <span className="block h-3 w-2/3 animate-pulse rounded bg-sunken" />
      </td>
    </tr>
  );
}

/** Of one cell: a wider one would make columns of those that the window is too narrow for. */
function Spacer({ height }: { height: number }) {
  return (
    <tr aria-hidden="true">
      <td className="p-0" style={{ height }} />
    </tr>
  );
}

/** Up and down go from one row's link to the next; the rows ahead of sight are there already. */
function moveBetweenRows(event: KeyboardEvent<HTMLDivElement>, scrollTo: (index: number) => void): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const here = (event.target as HTMLElement).closest<HTMLElement>("[data-row]");
  const [from, selector] = [Number(here?.dataset["row"] ?? -1), (event.target as HTMLElement).matches("input") ? "input" : "a"];
  const to = here ? from + step : Math.ceil(event.currentTarget.scrollTop / ROW_PX);
  const next = event.currentTarget.querySelector<HTMLElement>(`[data-row="${to}"] ${selector}`);
  if (!next) return;
  event.preventDefault();
  scrollTo(to);
  next.focus({ preventScroll: true });
}
