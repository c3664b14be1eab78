import { queryOptions } from "@tanstack/react-query";
import { call, type Reply } from "../api/call";
import type { Tag } from "../api/types";

const PAGE = 200;
/** A catalogue that is longer is offered as far as this; any name may still be typed. */
const PAGES_MOST = 10;
/** Names that a field offers at once. */
const OFFERED = 50;

export const catalogueOptions = queryOptions({
  queryKey: ["tags"],
  queryFn: ({ signal }) => readCatalogue(signal),
  staleTime: 60_000,
});

/** The names of the tags there are: the API lists them by pages, and searches none. */
export async function readCatalogue(signal: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES_MOST; page += 1) {
    const query: URLSearchParams = new URLSearchParams({ limit: String(PAGE), ...(cursor ? { cursor } : {}) });
    const reply: Reply<Tag[]> = await call(`/v1/customers/tags?${query}`, { signal });
    names.push(...reply.data.map(({ name }) => name));
    cursor = reply.next;
    if (cursor === null) break;
  }
  return names;
}

/** Those to offer for what is typed so far: with it somewhere, and first those that begin with it; case and accents do not matter. */
export function offered(names: string[], typed: string): string[] {
  const wanted = bare(typed);
  const found = names.filter((name) => bare(name).includes(wanted));
  const isFirst = (name: string) => bare(name).startsWith(wanted);
  return [...found.filter(isFirst), ...found.filter((name) => !isFirst(name))].slice(0, OFFERED);
}

/** Whether two names are of one tag. */
export function isSameTag(one: string, other: string): boolean {
  return bare(one) === bare(other);
}

/** As the API compares names, of its accents those of European letters: what is one here is one there. */
function bare(text: string): string {
  return text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u034e\u0350-\u036f]/g, "").trim().replace(/\s+/g, " ");
}
