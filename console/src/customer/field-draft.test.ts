import { expect, it } from "vitest";
import { isTyped, readDraft, resolve } from "./field-draft";

it("keeps the version that a text began with", () => {
  const draft = { text: "Ana M", base: { etag: '"3"', value: "Ana" } };
  expect(readDraft(JSON.stringify(draft))).toEqual(draft);
});

it("takes no text whose version is unknown", () => {
  for (const stored of [null, "Ana", "{}", '{"text":"Ana"}', '{"text":1,"base":{"value":""}}']) expect(readDraft(stored)).toBeNull();
});

it("asks only where both have changed the same field", () => {
  expect(resolve("Ana", "Ana", "Ana M")).toBe("again");
  expect(resolve("Ana M", "Ana", " Ana M")).toBe("done");
  expect(resolve("Anca", "Ana", "Ana M")).toBe("ask");
});

it("tells text that is saved nowhere from a form that is only open", () => {
  const draft = (text: string) => JSON.stringify({ text, base: { etag: null, value: "Ana" } });
  expect(["A note", draft("Ana M")].map(isTyped)).toEqual([true, true]);
  expect([" \n", "", draft("Ana")].map(isTyped)).toEqual([false, false, false]);
});
