import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { upload } from "./upload";

class Request {
  static made: Request[] = [];
  upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  headers: Record<string, string> = {};
  isAborted = false;
  status = 0;
  responseText = "";
  onload: () => void = () => undefined;
  onerror: () => void = () => undefined;
  open = vi.fn();
  send = vi.fn();
  constructor() {
    Request.made.push(this);
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  getAllResponseHeaders = () => "etag: \"7\"\r\nretry-after: 3\r\n";
  abort() {
    this.isAborted = true;
  }
  answer(status: number, text: string) {
    Object.assign(this, { status, responseText: text });
    this.onload();
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("XMLHttpRequest", Request);
  Request.made = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function begin(signal?: AbortSignal) {
  const shares: number[] = [];
  const reply = upload("/v1/x/avatar", { headers: { Authorization: "Bearer x" }, form: new FormData(), signal, onProgress: (share) => shares.push(share) });
  reply.catch(() => undefined); // it is waited for below
  return { reply, shares, request: Request.made[0] as Request };
}

const MIB = 1024 * 1024;

it("takes as long as it moves on, and then until a slow line can be empty", async () => {
  const { reply, shares, request } = begin();
  for (let sent = 1; sent <= 5; sent += 1) {
    vi.advanceTimersByTime(29_000);
    request.upload.onprogress?.({ loaded: sent * MIB, total: 5 * MIB });
  }
  vi.advanceTimersByTime(300_000);
  request.answer(201, '{"id":1}');
  const response = await reply;
  expect([response.status, response.headers.get("ETag"), await response.json()]).toEqual([201, '"7"', { id: 1 }]);
  expect(shares).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
  expect(request.headers).toEqual({ Authorization: "Bearer x" });
});

it("is given up where nothing moves any more, and by whoever asked", async () => {
  const stalled = begin();
  stalled.request.upload.onprogress?.({ loaded: 1, total: 2 });
  vi.advanceTimersByTime(30_000);
  await expect(stalled.reply).rejects.toMatchObject({ slug: "slow" });
  expect(stalled.request.isAborted).toBe(true);
  const stopper = new AbortController();
  Request.made = [];
  const given = begin(stopper.signal);
  stopper.abort();
  await expect(given.reply).rejects.toMatchObject({ name: "AbortError" });
  expect([given.request.isAborted, vi.getTimerCount()]).toEqual([true, 0]);
});

it("names a network that is away", async () => {
  const { reply, request } = begin();
  request.onerror();
  await expect(reply).rejects.toMatchObject({ slug: "unreachable" });
});
