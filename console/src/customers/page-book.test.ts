import { describe, expect, it } from "vitest";
import { FRESH_BOOK, knownRows, learn, PAGE_ROWS, pagesFor, roughly, rowCount } from "./page-book";

const page = (letter: string, rows = PAGE_ROWS) => Array.from({ length: rows }, (_, index) => `${letter}${index}`);

describe("the book of pages", () => {
  const two = learn(FRESH_BOOK, 0, page("a"), "b");
  const whole = learn(two, 1, page("b", 7), null);

  it("learns where the next page starts, and nothing twice", () => {
    expect(two.cursors).toEqual([null, "b"]);
    expect(learn(two, 0, page("a"), "b")).toBe(two);
    expect(learn(whole, 1, page("b", 7), null)).toBe(whole);
  });

  it("makes room for more rows until the end is known", () => {
    expect(rowCount(two)).toBeGreaterThan(PAGE_ROWS);
    expect(rowCount(whole)).toBe(PAGE_ROWS + 7);
    expect([knownRows(FRESH_BOOK), knownRows(two), knownRows(whole)]).toEqual([0, PAGE_ROWS, PAGE_ROWS + 7]);
  });

  it("ends at a page that ends elsewhere than before", () => {
    const three = learn(two, 1, page("b"), "c");
    expect(learn(three, 0, page("x"), "y")).toEqual({ cursors: [null, "y"], ids: [page("x")], isWhole: false });
    expect(learn(three, 0, page("a", 3), null)).toEqual({ cursors: [null], ids: [page("a", 3)], isWhole: true });
    expect(learn(whole, 1, page("b"), "c").cursors).toEqual([null, "b", "c"]);
  });

  it("keeps the pages behind one whose rows alone are others", () => {
    const three = learn(two, 1, page("b"), "c");
    expect(learn(three, 0, page("x"), "b")).toEqual({ ...three, ids: [page("x"), page("b")] });
  });

  it("remembers who was on the pages that are out of sight", () => {
    expect(whole.ids.flat().length).toBe(PAGE_ROWS + 7);
  });

  it("asks for the pages in sight and no page that it has no cursor for", () => {
    const many = { ...FRESH_BOOK, cursors: ["", "b", "c", "d", "e"] };
    expect(pagesFor(many, PAGE_ROWS * 2, PAGE_ROWS * 2 + 10)).toEqual([2]);
    expect(pagesFor(many, PAGE_ROWS - 5, PAGE_ROWS + 5)).toEqual([0, 1]);
    expect(pagesFor(two, 0, PAGE_ROWS * 9)).toEqual([0, 1]);
    expect(pagesFor(two, PAGE_ROWS * 9, PAGE_ROWS * 9)).toEqual([1]);
  });

  it("does not promise more of an estimate than it holds", () => {
    expect([roughly(9_876), roughly(1_234_567), roughly(7)]).toEqual([9_900, 1_200_000, 7]);
  });
});
