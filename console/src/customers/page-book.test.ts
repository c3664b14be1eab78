import { describe, expect, it } from "vitest";
import { FRESH_BOOK, knownRows, learn, PAGE_ROWS, pagesFor, rowCount } from "./page-book";

describe("the book of pages", () => {
  const two = learn(FRESH_BOOK, 0, PAGE_ROWS, "b");
  const whole = learn(two, 1, 7, null);

  it("learns where the next page starts, once", () => {
    expect(two.cursors).toEqual([null, "b"]);
    expect(learn(two, 0, PAGE_ROWS, "other")).toBe(two);
  });

  it("makes room for more rows until the end is known", () => {
    expect(rowCount(two)).toBeGreaterThan(PAGE_ROWS);
    expect(rowCount(whole)).toBe(PAGE_ROWS + 7);
    expect([knownRows(FRESH_BOOK), knownRows(two), knownRows(whole)]).toEqual([0, PAGE_ROWS, PAGE_ROWS + 7]);
    expect(learn(whole, 1, 7, null)).toBe(whole);
  });

  it("asks for the pages in sight and no page that it has no cursor for", () => {
    const many = { cursors: ["", "b", "c", "d", "e"], lastRows: null };
    expect(pagesFor(many, PAGE_ROWS * 2, PAGE_ROWS * 2 + 10)).toEqual([2]);
    expect(pagesFor(many, PAGE_ROWS - 5, PAGE_ROWS + 5)).toEqual([0, 1]);
    expect(pagesFor(two, 0, PAGE_ROWS * 9)).toEqual([0, 1]);
    expect(pagesFor(two, PAGE_ROWS * 9, PAGE_ROWS * 9)).toEqual([1]);
  });
});
