import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pauses } from "../api/pauses";
import { enter, enterQuickly } from "./enter";
import { session } from "./session";

const tokenOf = (sub: string, exp = Date.now() / 1000 + 600) => `x.${btoa(JSON.stringify({ sub, exp })).replaceAll("=", "")}.y`;
const [ANA, DAN] = [tokenOf("ana"), tokenOf("dan")];
const forget = vi.fn();

beforeEach(() => {
  pauses.forget();
  session.onOther = () => undefined;
  session.signIn(ANA);
  session.onOther = forget.mockClear();
});
afterEach(() => vi.unstubAllGlobals());

function answering(status: number, headers: Record<string, string> = {}) {
  const asked = vi.fn(async () => new Response("{}", { status, headers }));
  vi.stubGlobal("fetch", asked);
  return asked;
}

it.each([401, 429, 503])("forgets nothing of one person for a token that the service answers with %s", async (status) => {
  answering(status, { "Retry-After": "9" });
  await expect(enter(DAN)).rejects.toMatchObject({ status });
  expect([session.token, forget.mock.calls.length]).toEqual([ANA, 0]);
});

it("does not send one that is over, nor one before its time", async () => {
  const asked = answering(200);
  await expect(enter(tokenOf("dan", 5))).rejects.toMatchObject({ slug: "token-over" });
  expect(asked.mock.calls).toEqual([["/console/sign-in.json", expect.anything()]]);
  pauses.learn("GET /v1/customers", new Response("", { headers: { "Retry-After": "60" } }));
  asked.mockClear();
  await expect(enter(DAN)).rejects.toMatchObject({ status: 429, retryAfter: 60 });
  expect(asked).not.toHaveBeenCalled();
});

it.each([200, 403])("begins anew with another person whom the service answers with %s", async (status) => {
  answering(status);
  await enterQuickly(DAN);
  expect([session.token, forget.mock.calls.length]).toEqual([DAN, 1]);
});

it("asks nothing first where it is the same person", async () => {
  const asked = answering(200);
  await enterQuickly(tokenOf("ana", 9e9));
  expect([asked.mock.calls.length, forget.mock.calls.length]).toEqual([0, 0]);
});
