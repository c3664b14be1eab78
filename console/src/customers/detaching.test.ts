import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { session } from "../session/session";
import { detach } from "./detaching";

const ADDRESS = "/v1/customers/a";

beforeEach(() => session.signIn("x"));
afterEach(() => vi.unstubAllGlobals());

/** A customer with these tags, null for none there: what a browser sends to it, with paths as it folds them. */
function customer(tags: string[] | null) {
  const sent: [string, string, unknown][] = [];
  vi.stubGlobal("fetch", async (path: string, { method, body }: RequestInit) => {
    const folded = new URL(path, "http://service.example").pathname;
    sent.push([String(method), folded, body ? JSON.parse(String(body)) : null]);
    const isThere = tags !== null && (method !== "DELETE" || tags.includes(decodeURIComponent(folded.split("/tags/")[1] ?? "")));
    return isThere ? Response.json({ tags }) : new Response("{}", { status: 404 });
  });
  return sent;
}

const off = (tag: string) => detach("a", tag, new AbortController().signal);

it("takes a tag off, and is done where it was not carried", async () => {
  const sent = customer(["de la târg"]);
  await off("de la târg");
  await off("VIP");
  expect(sent).toEqual([["DELETE", `${ADDRESS}/tags/de%20la%20t%C3%A2rg`, null], ["DELETE", `${ADDRESS}/tags/VIP`, null], ["GET", ADDRESS, null]]);
});

it.each(["..", ".", "%2e%2e", "a/..", "VIP & co", "?", "#"])("writes %s into no path, which could be that of the customer", async (tag) => {
  const sent = customer(["b", tag.toUpperCase()]);
  await off(tag);
  const path = "/tags/1";
  expect(sent).toEqual([["GET", ADDRESS, null], ["PATCH", ADDRESS, [{ op: "test", path, value: tag.toUpperCase() }, { op: "remove", path }]]]);
  const without = customer(["b"]);
  await off(tag);
  expect(new Set(without.map(([method]) => method))).toEqual(new Set(["GET"]));
});

it.each(["VIP", ".."])("tells where the customer is gone, of %s too", async (tag) => {
  customer(null);
  await expect(off(tag)).rejects.toMatchObject({ status: 404 });
});
