import { afterEach, expect, it, vi } from "vitest";
import { session } from "../session/session";
import { call, nextCursor } from "./call";

afterEach(() => vi.unstubAllGlobals());

function answer(...replies: [number, unknown, Record<string, string>?][]) {
  const asked = vi.fn(async (_path: string, _init: RequestInit) => {
    const [status, body, headers] = replies.shift() ?? [500, {}];
    return new Response(status === 204 ? null : JSON.stringify(body), { status, headers: headers ?? {} });
  });
  vi.stubGlobal("fetch", asked);
  return asked;
}

it("finds the cursor of the next page in a Link header", () => {
  const link = '</v1/customers?limit=2&cursor=a%2Bb>; rel="next", </v1/customers?cursor=c>; rel="prev"';
  expect(nextCursor(link)).toBe("a+b");
  expect(nextCursor('</v1/customers?cursor=c>; rel="prev"')).toBe(null);
  expect(nextCursor(null)).toBe(null);
});

it("goes on with a new token after one that is over", async () => {
  session.signIn("old");
  const asked = answer([401, {}], [200, { id: 1 }, { ETag: '"7"' }]);
  const reply = call("/v1/customers/x");
  await vi.waitFor(() => expect(session.isOver).toBe(true));
  session.signIn("new");
  expect(await reply).toEqual({ data: { id: 1 }, etag: '"7"', next: null });
  const tokens = asked.mock.calls.map(([, init]) => (init.headers as Record<string, string>)["Authorization"]);
  expect(tokens).toEqual(["Bearer old", "Bearer new"]);
});

it("names what went wrong", async () => {
  session.signIn("x");
  answer([429, { type: "/problems/invalid", errors: [{ pointer: "/email", detail: "bad" }] }, { "Retry-After": "7" }]);
  await expect(call("/x")).rejects.toMatchObject({ status: 429, retryAfter: 7, faults: [{ pointer: "/email", detail: "bad" }] });
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  await expect(call("/x")).rejects.toMatchObject({ slug: "unreachable" });
});
