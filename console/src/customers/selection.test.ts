import { expect, it } from "vitest";
import { changed, countElsewhere } from "./use-selection";

it("selects and lets go of many at once", () => {
  const two = changed(new Set(), ["a", "b"], true);
  expect([...changed(two, ["a", "c"], false)]).toEqual(["b"]);
});

it("counts the selected ones that the list does not hold, each once", () => {
  expect(countElsewhere(new Set(["a", "b", "c"]), ["b", "b", "x"])).toBe(2);
});
