import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { session } from "../session/session";
import { call, nextCursor } from "./call";
import { pauses } from "./pauses";

beforeEach(() => {
  session.signOut(); // what was held over from the test before belongs to nobody
  pauses.forget();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

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
  await expect(call("/y")).rejects.toMatchObject({ slug: "unreachable" });
});

function tokenUntil(seconds: number, sub = "ana"): string {
  return `x.${btoa(JSON.stringify({ sub, exp: seconds })).replaceAll("=", "")}.y`;
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
const tokensOf = (asked: ReturnType<typeof answer>) => asked.mock.calls.map(([, init]) => (init.headers as Record<string, string>)?.["Authorization"]);

it("has a token refused once, however many calls there are at a time", async () => {
  session.signIn("refused");
  const asked = answer([401, {}], ...Array.from({ length: 8 }, (): [number, unknown] => [200, "done"]));
  const replies = Array.from({ length: 7 }, (_, number) => call(`/v1/${number}`));
  await vi.waitFor(() => expect(session.isOver).toBe(true));
  const late = call("/v1/late");
  await new Promise((resolve) => setTimeout(resolve));
  expect(tokensOf(asked)).toEqual(["Bearer refused"]);
  session.signIn("taken");
  await Promise.all([...replies, late]);
  expect(tokensOf(asked).filter((token) => token === "Bearer refused").length).toBe(1);
});

it("lets all calls go at once under a token that was taken", async () => {
  session.signIn("new");
  const waiting: (() => void)[] = [];
  const asked = vi.fn(() => new Promise<Response>((resolve) => waiting.push(() => resolve(new Response("1")))));
  vi.stubGlobal("fetch", asked);
  const first = call("/v1/0");
  const others = ["/v1/1", "/v1/2"].map((path) => call(path));
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  waiting.shift()?.();
  await first;
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(3));
  for (const letGo of waiting) letGo();
  await Promise.all(others);
});

it("does not try one after the other where nothing answers", async () => {
  session.signIn("newer");
  const failing: (() => void)[] = [];
  vi.stubGlobal("fetch", vi.fn(() => new Promise((_, reject) => failing.push(() => reject(new TypeError("no network"))))));
  const lost = Promise.allSettled(["/v1/1", "/v1/2", "/v1/3"].map((path) => call(path)));
  await vi.waitFor(() => expect(failing.length).toBe(1));
  failing[0]?.();
  await vi.waitFor(() => expect(failing.length).toBe(3));
  for (const fail of failing) fail();
  expect((await lost).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
});

it("lets the next one find out where the first was given up", async () => {
  session.signIn("newest");
  const stopper = new AbortController();
  const asked = vi.fn((_path: string, { signal }: RequestInit) => new Promise<Response>((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
    if (asked.mock.calls.length > 1) resolve(new Response("2"));
  }));
  vi.stubGlobal("fetch", asked);
  const first = call("/v1/1", { signal: stopper.signal });
  const second = call("/v1/2");
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  stopper.abort();
  await expect(first).rejects.toMatchObject({ name: "AbortError" });
  expect((await second).data).toBe(2);
});

it("sends nothing with a token that is over by the clock of the service", async () => {
  session.signIn(tokenUntil(inSeconds(-5)));
  const asked = answer([200, {}, { Date: new Date().toUTCString() }], [200, "done"]);
  const reply = call("/v1/x");
  await vi.waitFor(() => expect(session.isOver).toBe(true));
  expect(asked.mock.calls.map(([path]) => path)).toEqual(["/console/sign-in.json"]);
  session.signIn(tokenUntil(inSeconds(600)));
  expect((await reply).data).toBe("done");
});

it("believes the clock of the service and not the one of this machine", async () => {
  session.signIn(tokenUntil(inSeconds(-5)));
  const asked = answer([200, {}, { Date: new Date(Date.now() - 3600_000).toUTCString() }], [200, "done", { Date: new Date().toUTCString() }]);
  expect((await call("/v1/x")).data).toBe("done");
  expect(asked).toHaveBeenCalledTimes(2);
});

it("sends nothing under another person's name that was begun before", async () => {
  session.signIn(tokenUntil(inSeconds(-5)));
  let tell: (reply: Response) => void = () => undefined;
  const asked = vi.fn(() => new Promise<Response>((resolve) => (tell = resolve)));
  vi.stubGlobal("fetch", asked);
  const reply = call("/v1/x");
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1)); // for the time
  session.signIn(tokenUntil(inSeconds(600), "dan"));
  tell(new Response("{}", { headers: { Date: new Date().toUTCString() } }));
  await expect(reply).rejects.toMatchObject({ slug: "signed-out" });
  expect(asked).toHaveBeenCalledTimes(1);
});

it("asks nothing again before its time, whoever asks", async () => {
  vi.useFakeTimers();
  session.signIn("x");
  const limited = (policy: string): [number, unknown, Record<string, string>] => [429, {}, { "Retry-After": "40", "RateLimit-Policy": `"${policy}";q=5;w=60` }];
  const asked = answer(limited("customer-patch"), [200, 1], limited("api"), [200, 2], limited("auth-failure"));
  await expect(call("/v1/a", { method: "PATCH" })).rejects.toMatchObject({ retryAfter: 40 });
  vi.advanceTimersByTime(15_000);
  await expect(call("/v1/a", { method: "PATCH" })).rejects.toMatchObject({ status: 429, retryAfter: 25 });
  await call("/v1/a"); // a limit of changes holds back no other call
  await expect(call("/v1/b")).rejects.toMatchObject({ retryAfter: 40 });
  vi.advanceTimersByTime(39_000);
  await expect(call("/v1/c?x=1")).rejects.toMatchObject({ status: 429, retryAfter: 1 });
  expect(asked).toHaveBeenCalledTimes(3);
  vi.advanceTimersByTime(1_000);
  expect((await call("/v1/c")).data).toBe(2);
  await expect(call("/v1/d")).rejects.toMatchObject({ retryAfter: 40 });
  session.signOut();
  pauses.forget();
  session.signIn("y"); // another person comes from the same address
  await expect(call("/v1/d")).rejects.toMatchObject({ status: 429 });
  expect(asked).toHaveBeenCalledTimes(5);
});
