import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pauses } from "../api/pauses";
import { session } from "../session/session";
import { removeTag } from "./tag-removal";

const ID = "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d";
const CUSTOMER = `/v1/customers/${ID}`;

beforeEach(() => {
  pauses.forget();
  session.signIn("x");
});
afterEach(() => vi.unstubAllGlobals());

/** What a browser sends: method, path as it folds it, and body. Each GET gives the next list of tags. */
function answering(...lists: string[][]) {
  const sent: [string, string, unknown][] = [];
  let latest: string[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const body = init.body ? JSON.parse(String(init.body)) : null;
    sent.push([String(init.method), new URL(path, "http://service.example").pathname, body]);
    if (init.method === "GET") return Response.json({ tags: (latest = lists.shift() ?? latest) });
    const isThere = !body || lists.length === 0 || lists[0]?.[Number(body[0].path.split("/")[2])] === body[0].value;
    return isThere ? new Response(null, { status: 204 }) : new Response("{}", { status: 409 });
  });
  return sent;
}

it.each([".", "..", "../..", "a/..", "%2e%2e", "..\\..", "?", "#", "v1.2"])("takes off %s without writing it into a path", async (tag) => {
  const sent = answering(["a", tag]);
  await removeTag(ID, tag);
  expect(sent).toEqual([
    ["GET", CUSTOMER, null],
    ["PATCH", CUSTOMER, [{ op: "test", path: "/tags/1", value: tag }, { op: "remove", path: "/tags/1" }]],
  ]);
});

it.each(["VIP", "de la târg", "B2B_x-y"])("takes off %s by its own path", async (tag) => {
  const sent = answering();
  await removeTag(ID, tag);
  expect(sent).toEqual([["DELETE", `${CUSTOMER}/tags/${encodeURIComponent(tag)}`, null]]);
});

it("looks again where somebody changed the tags meanwhile, and says so where it is gone", async () => {
  const sent = answering([".", "b"], ["a", ".", "b"]);
  await removeTag(ID, ".");
  expect(sent.map(([method]) => method)).toEqual(["GET", "PATCH", "GET", "PATCH"]);
  expect(sent.at(-1)?.[2]).toContainEqual({ op: "remove", path: "/tags/1" });
  answering(["b"]);
  await expect(removeTag(ID, "..")).rejects.toMatchObject({ status: 404 });
});
