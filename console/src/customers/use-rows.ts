import { keepPreviousData, queryOptions, useQueries, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { call, type Reply } from "../api/call";
import { mayPass } from "../api/may-pass";
import type { Customer } from "../api/types";
import { asParameters, type Filters, toQuery } from "./filters";
import { useListWork } from "./list-work";
import { FRESH_BOOK, knownRows, learn, PAGE_ROWS, pagesFor, rowCount } from "./page-book";

const FRESH_MS = 30_000;
/** How long the rows of a page that is out of sight are kept. */
const KEPT_MS = 2_000;
/** How soon a page that failed is asked for again. */
const AGAIN_MS = 5_000;

export function pageOptions(filters: Filters, cursor: string | null) {
  const query = toQuery(filters);
  const parameters = asParameters({ ...query, limit: PAGE_ROWS });
  if (cursor) parameters.set("cursor", cursor);
  // how many carry a tag, the service guesses too badly to be told
  else if (!query.tag) parameters.set("count", "estimated");
  return queryOptions({
    queryKey: ["customers", parameters.toString()],
    queryFn: ({ signal }) => call<Customer[]>(`/v1/customers?${parameters}`, { signal }),
    staleTime: FRESH_MS,
    gcTime: KEPT_MS,
  });
}

/**
 * The rows of a list by their place, read a page at a time as they come into sight. While the first page of other
 * filters is on its way the old rows stay, and `isStale` says so.
 */
export function useRows(wanted: Filters) {
  const first = useQuery({ ...pageOptions(wanted, null), placeholderData: keepPreviousData });
  const [shown, setShown] = useState(wanted);
  // also while it is asked for once more
  const isFaulty = (first.isPlaceholderData || first.data === undefined) && first.errorUpdateCount > 0;
  const isStale = first.isPlaceholderData && !isFaulty;
  // those of the last list that has arrived
  const filters = isStale ? shown : wanted;
  useEffect(() => {
    if (!isStale) setShown(wanted);
  }, [isStale, wanted]);
  const pages = usePages(filters, first.error);
  return { ...pages, total: first.data?.total, isFailing: isFaulty && pages.known === 0, isStale, filters };
}

function usePages(filters: Filters, firstError: unknown) {
  const key = asParameters(toQuery(filters)).toString();
  const { known, keep } = useBook(key);
  const [sight, setSight] = useState<{ of: string; rows: [number, number] }>({ of: key, rows: [0, 0] });
  const [from, to] = sight.of === key ? sight.rows : [0, 0];
  const wantedPages = pagesFor(known, from, to);
  const pages = useQueries({
    queries: wantedPages.map((page) => ({
      ...pageOptions(filters, known.cursors[page] ?? null),
      retryOnMount: false,
      refetchInterval: whileItMayPass,
    })),
  });
  const read = pages.map((page) => page.data);
  useEffect(() => {
    let next = known;
    wantedPages.forEach((page, index) => {
      const reply = read[index];
      // of a page that starts elsewhere by now, the old reply tells nothing
      const isOfBook = next.cursors[page] === known.cursors[page];
      if (reply && isOfBook) next = learn(next, page, reply.data.map(({ id }) => id), reply.next);
    });
    keep(next);
  });
  const rowAt = (index: number): Customer | undefined =>
    read[wantedPages.indexOf(Math.floor(index / PAGE_ROWS))]?.data[index % PAGE_ROWS];
  const look = useCallback((first: number, last: number) => {
    setSight((before) => (before.of === key && before.rows[0] === first && before.rows[1] === last ? before : { of: key, rows: [first, last] }));
  }, [key]);
  const ids = useMemo(() => known.ids.flat(), [known]);
  return { count: rowCount(known), known: knownRows(known), isWhole: known.isWhole, ids, rowAt, look, ...useFault(pages, firstError, () => keep(FRESH_BOOK)) };
}

/** What is known of the pages of this list; one that is left and come back to is still known. */
function useBook(key: string) {
  const { lastBook } = useListWork();
  const [kept, setKept] = useState(() => lastBook.current);
  const isOfList = kept?.of === key;
  const known = isOfList ? kept.book : FRESH_BOOK;
  function keep(book: typeof known) {
    if (book === known && isOfList) return;
    lastBook.current = { of: key, book };
    setKept(lastBook.current);
  }
  return { known, keep };
}

function whileItMayPass({ state }: { state: { status: string; error: unknown } }): number | false {
  return state.status === "error" && mayPass(state.error) ? AGAIN_MS : false;
}

/** What keeps a page from being read; it stays told of while the page is asked for once more. */
function useFault(pages: UseQueryResult<Reply<Customer[]>>[], firstError: unknown, forget: () => void) {
  const client = useQueryClient();
  const last = useRef<unknown>(null);
  const faulty = pages.find((page) => page.isError || (page.data === undefined && page.errorUpdateCount > 0));
  last.current = faulty ? (faulty.error ?? firstError ?? last.current) : null;
  const fault = last.current;
  const again = () => {
    if (mayPass(fault)) return client.refetchQueries({ queryKey: ["customers"], type: "active", predicate: ({ state }) => state.status === "error" });
    forget();
    return client.resetQueries({ queryKey: ["customers"] });
  };
  return { fault, again };
}
