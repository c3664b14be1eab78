/** Rows of a page; the last one may have fewer. Three screens or so: few calls, and a first one that is quick. */
export const PAGE_ROWS = 100;
/** Rows that are shown empty behind the known ones while there may be more. */
const AHEAD = 20;

/**
 * What is known of a list's pages: where each starts and who is on it. The rows themselves are kept by the query cache
 * only near what is looked at, so that ten thousand rows cost hardly more memory than a hundred.
 */
export interface PageBook {
  /** The cursor of each page, null for the first. */
  cursors: (string | null)[];
  /** The ids of each page that was read. */
  ids: string[][];
  /** Whether the last page was read, and there is none behind it. */
  isWhole: boolean;
}

export const FRESH_BOOK: PageBook = { cursors: [null], ids: [], isWhole: false };

/**
 * The book after a page was read; the same object where nothing new is known. A page that ends elsewhere than before, as
 * somebody came or went, is the last one known: the pages behind it start elsewhere too.
 */
export function learn(book: PageBook, page: number, ids: string[], next: string | null): PageBook {
  const isAsKnown = same(book.ids[page], ids) && (next === null ? isLastOf(book, page) : book.cursors[page + 1] === next);
  if (page >= book.cursors.length || isAsKnown) return book;
  if (next !== null && book.cursors[page + 1] === next) return { ...book, ids: book.ids.with(page, ids) };
  const cursors = book.cursors.slice(0, page + 1);
  return { cursors: next === null ? cursors : [...cursors, next], ids: [...book.ids.slice(0, page), ids], isWhole: next === null };
}

function isLastOf(book: PageBook, page: number): boolean {
  return book.isWhole && page === book.cursors.length - 1;
}

function same(known: string[] | undefined, ids: string[]): boolean {
  return known?.length === ids.length && ids.every((id, index) => known[index] === id);
}

/** Rows to make room for. */
export function rowCount(book: PageBook): number {
  return knownRows(book) + (book.isWhole ? 0 : AHEAD);
}

/** Rows that are known to be there. */
export function knownRows(book: PageBook): number {
  return (book.cursors.length - 1) * PAGE_ROWS + (book.isWhole ? (book.ids.at(-1)?.length ?? 0) : 0);
}

/** The pages that hold the rows from `first` to `last`, with some room ahead. */
export function pagesFor(book: PageBook, first: number, last: number): number[] {
  const from = Math.max(0, Math.floor(first / PAGE_ROWS));
  const to = Math.min(book.cursors.length - 1, Math.floor((last + AHEAD) / PAGE_ROWS));
  return Array.from({ length: Math.max(0, to - from) + 1 }, (_, index) => Math.min(from, to) + index);
}

/** A number of rows that was estimated, to two digits: more would promise what an estimate does not hold. */
export function roughly(count: number): number {
  return Number(count.toPrecision(2));
}
