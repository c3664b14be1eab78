import { QueryClient } from "@tanstack/react-query";
import { Problem } from "./problem";

const TRIES = 2;
const WAIT_MOST_MS = 10_000;
// what may be well a moment later
const PASSING = new Set([0, 429, 502, 503, 504]);

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      networkMode: "always",
      retry: (count, error) => count < TRIES && error instanceof Problem && PASSING.has(error.status),
      retryDelay: (count, error) => Math.min(((error as Problem).retryAfter ?? 2 ** count) * 1000, WAIT_MOST_MS),
    },
    mutations: { networkMode: "always" },
  },
});
