import { QueryClient } from "@tanstack/react-query";
import { PAUSE_DEFAULT_S } from "./pauses";
import { Problem } from "./problem";

const TRIES = 2;
/** A longer wait than this is told of, and a person decides. */
const WAIT_MOST_S = 10;
// what may be well a moment later
const PASSING = new Set([0, 502, 503, 504]);

/** After a 429 it is tried as often as it takes, each time when it may be; the console tells of the wait. */
export function isTriedAgain(count: number, error: unknown): boolean {
  if (!(error instanceof Problem)) return false;
  if (error.status === 429) return true;
  return count < TRIES && PASSING.has(error.status) && (error.retryAfter ?? 0) <= WAIT_MOST_S;
}

/** Milliseconds: never less than the service asked for. */
export function delayOf(count: number, error: unknown): number {
  const { status, retryAfter } = error as Problem;
  if (status === 429) return Math.max(1, retryAfter ?? PAUSE_DEFAULT_S) * 1000;
  return (retryAfter ?? 2 ** count) * 1000;
}

export const client = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5_000, networkMode: "always", retry: isTriedAgain, retryDelay: delayOf },
    mutations: { networkMode: "always" },
  },
});
