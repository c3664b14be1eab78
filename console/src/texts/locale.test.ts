import { expect, it } from "vitest";
import { en } from "./en";
import { formatsOf, preferred, span } from "./locale";
import { ro } from "./ro";

it("writes numbers, money and dates by the language", () => {
  expect([formatsOf("en").money("1234.5"), formatsOf("ro").money("1234.5")]).toEqual(["1,234.50", "1.234,50"]);
  expect([formatsOf("en").decimal, formatsOf("ro").decimal]).toEqual([".", ","]);
  expect(formatsOf("ro").date("2026-03-05T12:00:00Z")).toBe("5 mar. 2026");
  expect(formatsOf("en").date("2026-03-05T12:00:00Z")).toBe("5 Mar 2026");
});

it("takes the language that was chosen, else the browser's first that is there", () => {
  expect(preferred(null, ["de-DE", "ro-RO", "en"])).toBe("ro");
  expect(preferred(null, ["en-US", "ro"])).toBe("en");
  expect(preferred("ro", ["en"])).toBe("ro");
  expect(preferred(null, ["fr"])).toBe("en");
});

it("counts in the largest unit that is filled", () => {
  expect([span(59), span(3600), span(-7300), span(200_000)]).toEqual([[59, "second"], [1, "hour"], [-2, "hour"], [2, "day"]]);
});

it("has every kind of problem and field in both languages", () => {
  for (const part of ["problems", "fields", "genders"] as const) expect(Object.keys(ro[part])).toEqual(Object.keys(en[part]));
  expect(ro.tagging.selected(21)).toBe("21 de clienți selectați");
  expect(ro.tagging.selected(102)).toBe("102 clienți selectați");
  expect([ro.list.loadedRows(1, "1"), ro.list.loadedRows(19, "19"), ro.list.loadedRows(32, "32")]).toEqual(["1 client", "19 clienți", "32 de clienți"]);
  expect([ro.list.loadedMore(100, "100"), ro.list.loadedMore(1000, "1.000")]).toEqual(["Cel puțin 100 de clienți", "Cel puțin 1.000 de clienți"]);
});

it("addresses people in one way in Romanian, the polite one", () => {
  const texts = JSON.stringify(ro, (_name, value: unknown) => (typeof value === "function" ? String(value) : value));
  const familiar = /(?<!\p{L})(Adaugă|Alege|Anulează|Arată|Caută|Continuă|Folosește|Golește|Ieși|Intră|Încarcă|Încearcă|Închide|Modifică|Oprește|Ordonează|Păstrează|Reîncarcă|Renunță|Salvează|Sari|Scoate|Selectează|Șterge|șterge-l)(?!\p{L})/u;
  expect(familiar.exec(texts)?.[0]).toBe(undefined);
});
