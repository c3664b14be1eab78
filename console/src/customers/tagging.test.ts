import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { call } from "../api/call";
import { session } from "../session/session";
import { leftToDo, type Progress, tagAll, withReason } from "./tagging";

const VIP = { tag: "VIP", isRemoval: false };
const IDS = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];

let people = 0;
beforeEach(async () => {
  vi.useFakeTimers();
  // somebody new, for whom no pause of another test counts, and whose token was accepted already
  people += 1;
  session.signIn(`x.${btoa(JSON.stringify({ sub: String(people) }))}.x`);
  vi.stubGlobal("fetch", async () => reply(200));
  await call("/v1/customers");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

type Answer = (id: string) => Response | Promise<Response>;

function service(answer: Answer) {
  const asked = vi.fn(async (path: string, _init: RequestInit) => answer(path.split("/")[3] ?? ""));
  vi.stubGlobal("fetch", asked);
  return asked;
}

const reply = (status: number, pointer?: string) =>
  new Response(JSON.stringify({ type: "/problems/x", errors: pointer ? [{ pointer, detail: "" }] : [] }), { status, headers: { "Retry-After": "2" } });
const ends = () => ({ stop: new AbortController(), leave: new AbortController() });
const begin = (ids: string[], change = VIP, { stop, leave } = ends(), tell: (progress: Progress) => void = () => undefined, before?: Progress) =>
  tagAll(ids, change, { stop: stop.signal, leave: leave.signal }, tell, before);

describe("tagging many", () => {
  it("tags everybody after one rest that all have together", async () => {
    let refusals = 4;
    const asked = service(() => (refusals-- > 0 ? reply(429) : reply(200)));
    const pauses: number[] = [];
    const result = begin(["a", "b", "c", "d", "e"], VIP, ends(), ({ pause }) => pauses.push(pause));
    await vi.advanceTimersByTimeAsync(2000);
    expect(await result).toEqual({ done: 5, failed: [], untried: [], pause: 0 });
    expect(pauses.filter((pause) => pause > 0)).toEqual([2, 1]);
    const keys = asked.mock.calls.map(([path, init]) => `${path} ${(init.headers as Record<string, string>)["Idempotency-Key"]}`);
    expect(new Set(keys).size).toBe(5); // the second try of each has the key of its first
  });

  it("loses nobody when it is stopped: who is on the way arrives, the others were not tried", async () => {
    const held: (() => void)[] = [];
    service(() => new Promise((resolve) => held.push(() => resolve(reply(200)))));
    const both = ends();
    const result = begin(IDS, VIP, both);
    await vi.waitFor(() => expect(held.length).toBe(4));
    both.stop.abort();
    for (const letGo of held) letGo();
    expect(await result).toEqual({ done: 4, failed: [], untried: ["e", "f", "g", "h", "i"], pause: 0 });
  });

  it("has not tried those either that waited for their turn when it was stopped", async () => {
    service((id) => (id === "a" ? reply(200) : reply(429)));
    const both = ends();
    const result = begin(IDS, VIP, both, ({ pause }) => pause === 1 && both.stop.abort());
    await vi.advanceTimersByTimeAsync(3000);
    const { done, failed, untried } = await result;
    expect([done, failed, [...untried].sort()]).toEqual([1, [], IDS.slice(1)]);
  });

  it("sends nothing any more once who began it has left", async () => {
    const asked = service((id) => (id === "a" ? reply(200) : reply(429)));
    const both = ends();
    const result = begin(IDS, VIP, both);
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    both.leave.abort();
    const calls = asked.mock.calls.length;
    expect((await result).untried.length).toBe(8);
    expect(asked.mock.calls.length).toBe(calls);
  });

  it("tells why somebody could not be tagged, and whom another try may help", async () => {
    const answers: Record<string, Response> = { b: reply(404), c: reply(422, "/tags"), d: reply(422, "/tags/0"), e: reply(403), f: reply(503) };
    service((id) => answers[id] ?? (id === "g" ? Promise.reject(new TypeError("no network")) : reply(200)));
    const result = await begin(IDS);
    const told = (["gone", "full", "refused", "passing"] as const).map((reason) => withReason(result.failed, reason).sort());
    expect(told).toEqual([["b"], ["c"], ["d", "e"], ["f", "g"]]);
    expect([result.done, leftToDo({ ...result, untried: ["z"] }).sort()]).toEqual([3, ["f", "g", "z"]]);
  });

  it("goes on where it was, and its numbers stay those of all", async () => {
    service(() => reply(200));
    const before = { done: 3, failed: [{ id: "b", reason: "gone" as const }], untried: ["x"], pause: 0 };
    expect(await begin(["x", "y"], VIP, ends(), undefined, before)).toEqual({ done: 5, failed: before.failed, untried: [], pause: 0 });
  });
});

it("takes a tag off as well, and names who is gone", async () => {
  service((id) => (id === "a" ? new Response(null, { status: 204 }) : reply(404)));
  const result = await begin(["a", "b"], { tag: "VIP", isRemoval: true });
  expect([result.done, result.failed]).toEqual([1, [{ id: "b", reason: "gone" }]]);
});
