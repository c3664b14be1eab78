import { expect, it } from "vitest";
import { isSameName } from "./same-name";

it.each([
  ["two spaces", "Ana  Pop"],
  ["a space that does not break", "Ana\u00a0Pop"],
  ["a character without width", "Ana\u200b \u200dPop\ufeff"],
  ["a soft hyphen and a filler", "A\u00adna Pop\u3164"],
])("takes what is shown of a name with %s", (_, name) => {
  expect(isSameName("Ana Pop", name)).toBe(true);
  expect(isSameName(name, "Ana Pop")).toBe(true);
});

it("takes no other name, and nothing for none", () => {
  expect(isSameName("Ana P", "Ana Pop")).toBe(false);
  expect(isSameName("ana pop", "Ana Pop")).toBe(false);
  expect(isSameName("AnaPop", "Ana Pop")).toBe(false);
  expect(isSameName("", "\u3164")).toBe(false);
  expect(isSameName("S\u0326tefan", "\u0218tefan")).toBe(true);
});
