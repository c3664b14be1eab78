import { expect, it } from "vitest";
import { between, changed, countElsewhere } from "./selected-ids";

it("selects and lets go of many at once", () => {
  const two = changed(new Set(), ["a", "b"], true);
  expect([...changed(two, ["a", "c"], false)]).toEqual(["b"]);
});

it("counts the selected ones that the list does not hold, each once", () => {
  expect(countElsewhere(new Set(["a", "b", "c"]), ["b", "b", "x"])).toBe(2);
});

it("reaches from one row to another either way, and not from one that the list does not hold", () => {
  const loaded = ["a", "b", "c", "d"];
  expect([between(loaded, "b", "d"), between(loaded, "d", "b")]).toEqual([["b", "c", "d"], ["b", "c", "d"]]);
  expect([between(loaded, "x", "c"), between(loaded, null, "c")]).toEqual([["c"], ["c"]]);
});
