import { session } from "../session/session";
import { guarded } from "./guarded";
import { pauses } from "./pauses";
import { Problem, problemOf } from "./problem";
import { Trial } from "./trial";
import { upload } from "./upload";

export { guarded };

export interface Reply<T> {
  data: T;
  etag: string | null;
  /** The cursor of the page behind this one. */
  next: string | null;
  /** How many there are on all pages, where that was asked for. */
  total?: number | undefined;
}

export interface Options {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  body?: unknown;
  form?: FormData;
  mediaType?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** What is on its way is not cut off by the signal, which then only keeps it from being sent. */
  isFinished?: boolean;
  /** Told the share of the form that is sent, from 0 to 1. */
  onProgress?: (share: number) => void;
}

const trial = new Trial();

/**
 * Calls the API as whoever is signed in. A token that is over is asked for anew, and the call goes on with it; nothing is
 * sent with one that is known to be over or refused, nor before the time that a 429 has named.
 */
export async function call<T>(path: string, options: Options = {}): Promise<Reply<T>> {
  const begun = session.turn;
  for (;;) {
    const token = await session.usable();
    options.signal?.throwIfAborted();
    if (session.turn !== begun) throw new Problem(401, "signed-out", "");
    const response = await attempt(path, options, token);
    if (response !== null && response.status !== 401) return read<T>(response);
  }
}

/** The reply, null where the token is to be looked at first. A file takes long, and is nobody's trial. */
async function attempt(path: string, options: Options, token: string): Promise<Response | null> {
  const name = `${options.method ?? "GET"} ${path.split("?")[0]}`;
  const send = async () => {
    pauses.check(name);
    const response = await sent(path, options, token);
    if (response.status === 401) session.refuse(token);
    if (response.status === 429) pauses.learn(name, response);
    return response;
  };
  return options.form ? send() : trial.pass(token, send);
}

async function sent(path: string, options: Options, token: string): Promise<Response> {
  const headers: Record<string, string> = { Authorization: `Bearer ${token}`, ...options.headers };
  const { form, onProgress } = options;
  const signal = options.isFinished ? undefined : options.signal;
  if (form) return upload(path, { headers, form, signal, onProgress });
  if (options.body !== undefined) headers["Content-Type"] = options.mediaType ?? "application/json";
  const body = options.body === undefined ? null : JSON.stringify(options.body);
  return guarded(path, { method: options.method ?? "GET", headers, body, cache: "no-store" }, signal);
}

async function read<T>(response: Response): Promise<Reply<T>> {
  if (!response.ok) throw await problemOf(response);
  const data = response.status === 204 ? undefined : await response.json();
  const total = response.headers.get("X-Total-Count");
  return {
    data: data as T,
    etag: response.headers.get("ETag"),
    next: nextCursor(response.headers.get("Link")),
    total: total === null ? undefined : Number(total),
  };
}

/** The cursor in the rel="next" of a Link header (RFC 8288), null on the last page. */
export function nextCursor(link: string | null): string | null {
  const target = link?.match(/<([^>]*)>;\s*rel="next"/)?.[1];
  return target ? new URL(target, "http://localhost").searchParams.get("cursor") : null;
}

/** A key under which a repeated POST is done once. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
