import { describe, expect, it } from "vitest";
import { asParameters, countOf, fromSearch, hasWrong, isTouched, isWrong, leftOut, NO_FILTERS, toQuery, toSearch } from "./filters";
import { isSameStep } from "./use-filters";

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

  it("are asked for in no form that the API would not take, whatever the address", () => {
    const many = Array.from({ length: 15 }, (_, index) => `&tag=t${index}`).join("");
    const address = `?sort=nonsense&gender=zzz&tag=&tag=${"x".repeat(51)}&created_from=999999-01-01&created_to=275760-12-31&min_orders=1e9${many}`;
    const filters = fromSearch(address);
    expect(toQuery(filters)).toEqual({ sort: "-created_at", tag: Array.from({ length: 10 }, (_, index) => `t${index}`) });
    expect(leftOut(address)).toEqual(["tags", "gender", "sort"]);
    expect(leftOut(toSearch(filters))).toEqual([]);
    expect(leftOut("?gender=&tag=&sort=-created_at")).toEqual([]);
    expect(toQuery(fromSearch("?created_to=9999-12-31")).created_to).toBe("9999-12-31T23:59:59.999Z");
  });

  it("that are typed and wrong stay to be seen, and a year that is half typed is not wrong yet", () => {
    const filters = fromSearch("?created_from=999999-01-01");
    expect([filters.created_from, hasWrong(filters), isWrong(filters, "created_from")]).toEqual(["999999-01-01", true, true]);
    expect([hasWrong({ ...filters, created_from: "0202-01-01" }), hasWrong(NO_FILTERS)]).toEqual([false, false]);
  });

  it("are one step back for all that is typed into one field without a break", () => {
    const before = { field: "search", at: "?search=a" };
    expect(isSameStep(before, { field: "search", at: "?search=a" })).toBe(true);
    expect(isSameStep(before, { field: "search", at: "" })).toBe(false); // somebody went back meanwhile
    expect(isSameStep(before, { field: "min_orders", at: "?search=a" })).toBe(false);
    expect(isSameStep({ field: null, at: "" }, { field: null, at: "" })).toBe(false);
  });
});
