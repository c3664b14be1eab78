import { describe, expect, it } from "vitest";
import { asParameters, countOf, fromSearch, isTouched, NO_FILTERS, toQuery, toSearch } from "./filters";

describe("filters", () => {
  it("stand in the address and come back out of it", () => {
    const filters = { ...NO_FILTERS, search: "ștefan & co", tag: ["VIP", "B2B"], min_orders: "3", sort: "-full_name" as const };
    expect(fromSearch(toSearch(filters))).toEqual(filters);
  });

  it("leave the address empty where there are none", () => {
    expect(toSearch(NO_FILTERS)).toBe("");
    expect(fromSearch("")).toEqual(NO_FILTERS);
  });

  it("reach the API only once they are whole", () => {
    const half = { ...NO_FILTERS, business_id: "0190", min_lifetime_value: "1x", max_lifetime_value: "12,5", min_orders: "-1", created_from: "2026-0" };
    expect(toQuery(half)).toEqual({ sort: "-created_at", max_lifetime_value: "12.5" });
  });

  it("hold the last day whole", () => {
    const { created_from, created_to } = toQuery({ ...NO_FILTERS, created_from: "2026-03-05", created_to: "2026-03-05" });
    expect(created_from).toBe(new Date(2026, 2, 5).toISOString());
    expect(created_to).toBe(new Date(2026, 2, 6).toISOString());
  });

  it("repeat a parameter for each tag", () => {
    expect(asParameters({ tag: ["a", "b"], limit: 1 }).toString()).toBe("tag=a&tag=b&limit=1");
  });

  it("are counted without search and order", () => {
    expect(countOf({ ...NO_FILTERS, search: "x", sort: "full_name", tag: ["a", "b"], gender: "male" })).toBe(3);
  });

  it("are not counted where they cannot be used, and still are there to be mended", () => {
    for (const wrong of [{ min_lifetime_value: "abc" }, { min_orders: "-5" }, { max_lifetime_value: "1.500,50" }]) {
      const filters = { ...NO_FILTERS, ...wrong };
      expect([countOf(filters), isTouched(filters)]).toEqual([0, true]);
    }
    expect(isTouched({ ...NO_FILTERS, search: "x" })).toBe(false);
  });
});
