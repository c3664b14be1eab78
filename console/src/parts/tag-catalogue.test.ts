import { afterEach, expect, it, vi } from "vitest";
import { session } from "../session/session";
import { isSameTag, offered, readCatalogue } from "./tag-catalogue";

afterEach(() => vi.unstubAllGlobals());

function pages(count: number) {
  const asked = vi.fn(async (path: string) => {
    const page = Number(new URL(path, "http://x").searchParams.get("cursor") ?? 0);
    const headers = page + 1 < count ? { Link: `</v1/customers/tags?cursor=${page + 1}>; rel="next"` } : undefined;
    return new Response(JSON.stringify([{ name: `tag ${page}` }]), { status: 200, ...(headers ? { headers } : {}) });
  });
  vi.stubGlobal("fetch", asked);
  return asked;
}

it("reads the catalogue to its end, and one without end as far as is sane", async () => {
  session.signIn("x");
  pages(3);
  expect(await readCatalogue(new AbortController().signal)).toEqual(["tag 0", "tag 1", "tag 2"]);
  const asked = pages(1000);
  expect((await readCatalogue(new AbortController().signal)).length).toBe(10);
  expect(asked.mock.calls.length).toBe(10);
});

it("offers what holds the text that is typed, and first what begins with it", () => {
  const names = ["Client vechi", "Vecin", "Știri", "VECHE"];
  expect(offered(names, "vec")).toEqual(["Vecin", "VECHE", "Client vechi"]);
  expect(offered(names, " stiri")).toEqual(["Știri"]);
  expect(offered(names, "")).toEqual(names);
  expect(offered(Array.from({ length: 2000 }, (_, index) => `x${index}`), "1999")).toEqual(["x1999"]);
  expect(offered(Array.from({ length: 2000 }, (_, index) => `x${index}`), "").length).toBe(50);
});

it("takes names for one tag only where the API does", () => {
  expect([isSameTag("ȘTIRI ", "stiri"), isSameTag("a  b", "A b"), isSameTag("कि", "का")]).toEqual([true, true, false]);
});
