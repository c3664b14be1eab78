import { session } from "../session/session";
import { Problem, problemOf } from "./problem";

const DEADLINE_MS = 20_000;

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
}

/** Calls the API as whoever is signed in; a token that is over is asked for anew, and the call goes on with it. */
export async function call<T>(path: string, options: Options = {}): Promise<Reply<T>> {
  let token = session.token ?? (await session.ask(null));
  for (;;) {
    const response = await send(path, options, token);
    if (response.status !== 401) return read<T>(response);
    token = await session.ask(token);
    options.signal?.throwIfAborted();
  }
}

async function send(path: string, options: Options, token: string): Promise<Response> {
  const headers: Record<string, string> = { Authorization: `Bearer ${token}`, ...options.headers };
  if (options.body !== undefined) headers["Content-Type"] = options.mediaType ?? "application/json";
  const body = options.form ?? (options.body === undefined ? null : JSON.stringify(options.body));
  return guarded(path, { method: options.method ?? "GET", headers, body, cache: "no-store" }, options.signal);
}

/** fetch with a deadline; every failure has a name. */
export async function guarded(address: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  try {
    return await fetch(address, { ...init, signal: signal ? AbortSignal.any([signal, deadline]) : deadline });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, deadline.aborted ? "slow" : "unreachable", "");
  }
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
