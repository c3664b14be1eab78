/** Rows of a page; the last one may have fewer. Three screens or so: few calls, and a first one that is quick. */
export const PAGE_ROWS = 100;
/** Rows that are shown empty behind the known ones while there may be more. */
const AHEAD = 20;

/**
 * What is known of a list's pages: where each starts and how many rows it has. The rows themselves are kept by the
 * query cache only near what is looked at, so that ten thousand rows cost no more memory than a hundred.
 */
export interface PageBook {
  /** The cursor of each page, null for the first. */
  cursors: (string | null)[];
  /** Rows of the last page, null as long as there may be one behind it. */
  lastRows: number | null;
}

export const FRESH_BOOK: PageBook = { cursors: [null], lastRows: null };

/** The book after a page was read; the same object where nothing new is known. */
export function learn(book: PageBook, page: number, rows: number, next: string | null): PageBook {
  if (page !== book.cursors.length - 1) return book;
  if (next === null) return book.lastRows === rows ? book : { ...book, lastRows: rows };
  return { cursors: [...book.cursors, next], lastRows: null };
}

/** Rows to make room for. */
export function rowCount(book: PageBook): number {
  const before = (book.cursors.length - 1) * PAGE_ROWS;
  return before + (book.lastRows ?? AHEAD);
}

/** Rows that are known to be there. */
export function knownRows(book: PageBook): number {
  return (book.cursors.length - 1) * PAGE_ROWS + (book.lastRows ?? 0);
}

/** The pages that hold the rows from `first` to `last`, with some room ahead. */
export function pagesFor(book: PageBook, first: number, last: number): number[] {
  const from = Math.max(0, Math.floor(first / PAGE_ROWS));
  const to = Math.min(book.cursors.length - 1, Math.floor((last + AHEAD) / PAGE_ROWS));
  return Array.from({ length: Math.max(0, to - from) + 1 }, (_, index) => Math.min(from, to) + index);
}
