import { expect, it } from "vitest";
import { asTags, isBusiness, isDay, readAmount, writeAmount } from "./filter-values";

it("takes amounts as either language writes them", () => {
  const written: [string, string, string | null][] = [
    ["1.000,50", ",", "1000.50"],
    ["1.000", ",", "1000"],
    ["12.345.678", ",", "12345678"],
    ["1 000,5", ",", "1000.5"],
    ["149.90", ",", "149.90"],
    ["1,000.50", ".", "1000.50"],
    ["1,000", ".", "1000"],
    ["149,9", ".", "149.9"],
    ["1.000", ".", null],
    ["1.000,50", ".", null],
    ["10.00.000", ",", null],
    ["1,234", ",", null],
    ["12,345", ",", null],
    ["1.000,505", ",", null],
    ["-5", ",", null],
    ["", ",", null],
  ];
  for (const [text, decimal, meaning] of written) expect([text, decimal, readAmount(text, decimal)]).toEqual([text, decimal, meaning]);
});

it("writes amounts with the decimal sign of the language, and leaves alone what is none", () => {
  expect([writeAmount("149.90", ","), writeAmount("12,5", "."), writeAmount("1.2.3", ",")]).toEqual(["149,90", "12.5", "1.2.3"]);
});

it("knows the days that there are", () => {
  const days = ["2026-02-28", "1000-01-01", "9999-12-31"];
  expect(days.filter(isDay)).toEqual(days);
  expect(["2026-02-29", "2026-13-01", "0999-01-01", "10000-01-01", "275760-12-31", "999999-01-01", "2026-3-5", "x", ""].filter(isDay)).toEqual([]);
});

it("keeps of tags what can be one, each once and ten of them", () => {
  expect(asTags(["", " VIP ", "VIP", "x".repeat(51), "\u0301", "´", "a\u0007", "B2B"])).toEqual(["VIP", "B2B"]);
  expect(asTags(["😀".repeat(50)])).toEqual(["😀".repeat(50)]);
  expect(asTags(Array.from({ length: 15 }, (_, index) => `t${index}`)).length).toBe(10);
});

it("takes the id of zeros for no business, as the API does", () => {
  expect(isBusiness("00000000-0000-0000-0000-000000000000")).toBe(false);
  expect(isBusiness("0190D3A4-6f5b-7c1e-9a53-2f8f4a1b7c9d")).toBe(true);
});
