import { keepPreviousData, queryOptions, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { call } from "../api/call";
import type { Customer } from "../api/types";
import { asParameters, type Filters, toQuery } from "./filters";
import { FRESH_BOOK, knownRows, learn, PAGE_ROWS, pagesFor, type PageBook, rowCount } from "./page-book";

const FRESH_MS = 30_000;
/** How long the rows of a page that is out of sight are kept. */
const KEPT_MS = 2_000;

export function pageOptions(filters: Filters, cursor: string | null) {
  const parameters = asParameters({ ...toQuery(filters), limit: PAGE_ROWS });
  if (cursor) parameters.set("cursor", cursor);
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
  const isStale = first.isPlaceholderData;
  // those of the last list that has arrived
  const filters = isStale ? shown : wanted;
  useEffect(() => {
    if (!isStale) setShown(wanted);
  }, [isStale, wanted]);
  return { ...usePages(filters), first, isStale, filters };
}

function usePages(filters: Filters) {
  const client = useQueryClient();
  const key = asParameters(toQuery(filters)).toString();
  const [{ of, book }, setState] = useState<{ of: string; book: PageBook }>({ of: key, book: FRESH_BOOK });
  const [sight, setSight] = useState<[number, number]>([0, 0]);
  const known = of === key ? book : FRESH_BOOK;
  const [from, to] = of === key ? sight : [0, 0];
  const wantedPages = pagesFor(known, from, to);
  const pages = useQueries({
    queries: wantedPages.map((page) => pageOptions(filters, known.cursors[page] ?? null)),
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
    if (next !== book || of !== key) setState({ of: key, book: next });
  });
  const rowAt = (index: number): Customer | undefined =>
    read[wantedPages.indexOf(Math.floor(index / PAGE_ROWS))]?.data[index % PAGE_ROWS];
  const look = useCallback((first: number, last: number) => {
    setSight((before) => (before[0] === first && before[1] === last ? before : [first, last]));
  }, []);
  const again = useCallback(() => {
    setState({ of: key, book: FRESH_BOOK });
    return client.resetQueries({ queryKey: ["customers"] });
  }, [client, key]);
  const ids = useMemo(() => known.ids.flat(), [known]);
  const failed = pages.find((page) => page.isError);
  return { count: rowCount(known), known: knownRows(known), isWhole: known.isWhole, ids, rowAt, look, again, failed };
}
