import { expect, it } from "vitest";
import { fittingIn, remembered } from "./use-columns";

const inRem = (width: number) => fittingIn((rem) => rem <= width);

it("has as many columns as there is room for, until some are chosen", () => {
  expect(inRem(22.5)).toEqual(["full_name", "lifetime_value"]);
  expect(inRem(64)).toEqual(["full_name", "email", "phone", "total_orders", "lifetime_value", "created_at"]);
  expect(inRem(200)).toEqual(["full_name", "email", "phone", "tags", "total_orders", "lifetime_value", "created_at"]);
  expect(remembered(null)).toBe(null);
});

it("has those that were chosen on any window, without those that are no more", () => {
  expect(remembered("phone,tags,shoe_size")).toEqual(["full_name", "phone", "tags"]);
});
