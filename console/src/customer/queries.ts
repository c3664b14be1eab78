import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { call, type Reply } from "../api/call";
import type { Customer, Stats } from "../api/types";

export const JSON_PATCH = "application/json-patch+json";

export function addressOf(id: string): string {
  return `/v1/customers/${id}`;
}

export function customerOptions(id: string) {
  return queryOptions({
    queryKey: ["customer", id],
    queryFn: ({ signal }) => call<Customer>(addressOf(id), { signal }),
  });
}

export function statsOptions(id: string) {
  return queryOptions({
    queryKey: ["customer", id, "stats"],
    queryFn: ({ signal }) => call<Stats>(`${addressOf(id)}/stats`, { signal }),
  });
}

/** A paged list below a customer, newest first. */
export function pagedOptions<Item>(id: string, part: string, limit: number) {
  return infiniteQueryOptions({
    queryKey: ["customer", id, part],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ limit: String(limit), ...(pageParam ? { cursor: pageParam } : {}) });
      return call<Item[]>(`${addressOf(id)}/${part}?${query}`, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page: Reply<Item[]>) => page.next,
  });
}

/** After a change: the customer, its timeline and the lists are asked for anew. */
export async function changed(client: QueryClient, id: string): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: ["customer", id] }),
    client.invalidateQueries({ queryKey: ["customers"] }),
  ]);
}
