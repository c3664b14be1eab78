import type { ListQuery, Sort } from "../api/types";
import { asTags, GENDERS, isAmount, isBusiness, isCount, isDay, SORTS, trimmed } from "./filter-values";

/** What the list is narrowed to, as it stands in the address of the page: text as typed, days as YYYY-MM-DD. */
export interface Filters {
  search: string;
  business_id: string;
  tag: string[];
  created_from: string;
  created_to: string;
  min_lifetime_value: string;
  max_lifetime_value: string;
  min_orders: string;
  gender: string;
  sort: Sort;
}

export const DEFAULT_SORT: Sort = "-created_at";
export const NO_FILTERS: Filters = {
  search: "",
  business_id: "",
  tag: [],
  created_from: "",
  created_to: "",
  min_lifetime_value: "",
  max_lifetime_value: "",
  min_orders: "",
  gender: "",
  sort: DEFAULT_SORT,
};
const NAMES = Object.keys(NO_FILTERS) as (keyof Filters)[];

/** What is typed, with the test of whether it can be used; until then it stays in its field to be mended. */
const USABLE = {
  business_id: isBusiness,
  created_from: isDay,
  created_to: isDay,
  min_lifetime_value: isAmount,
  max_lifetime_value: isAmount,
  min_orders: isCount,
};
export type Typable = keyof typeof USABLE;
/** A year that is being typed: browsers fill it up with zeros. */
const HALF_YEAR = /^0\d{3}-/;
/** The last moment that the API can name. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The filters in an address; what is chosen, and not typed, and cannot be, is left out. */
export function fromSearch(search: string): Filters {
  const given = new URLSearchParams(search);
  const single = NAMES.filter((name) => name !== "tag").map((name) => [name, given.get(name) ?? NO_FILTERS[name]]);
  const filters = Object.fromEntries(single) as unknown as Filters;
  return { ...filters, tag: asTags(given.getAll("tag")), gender: oneOf(GENDERS, filters.gender, ""), sort: oneOf(SORTS, filters.sort, DEFAULT_SORT) };
}

function oneOf<T>(allowed: readonly T[], value: unknown, other: T | ""): T {
  return allowed.includes(value as T) ? (value as T) : (other as T);
}

/** What of an address is left out, by name. */
export function leftOut(search: string): ("tags" | "gender" | "sort")[] {
  const given = new URLSearchParams(search);
  const { tag, gender, sort } = fromSearch(search);
  const isLost = (name: string, used: string[]) => given.getAll(name).some((value) => value && !used.includes(trimmed(value)));
  const lost = { tags: isLost("tag", tag), gender: isLost("gender", [gender]), sort: isLost("sort", [sort]) };
  return (["tags", "gender", "sort"] as const).filter((name) => lost[name]);
}

/** Whether what stands in a field cannot be used. */
export function isWrong(filters: Filters, name: Typable): boolean {
  const value = filters[name];
  return value !== "" && !USABLE[name](value) && !HALF_YEAR.test(value);
}

export function hasWrong(filters: Filters): boolean {
  return (Object.keys(USABLE) as Typable[]).some((name) => isWrong(filters, name));
}

/** The query of the page's own address: only what differs from no filters. */
export function toSearch(filters: Filters): string {
  const query = new URLSearchParams();
  for (const name of NAMES) {
    for (const value of [filters[name]].flat()) if (value && value !== NO_FILTERS[name]) query.append(name, value);
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}

/** What the API is asked; a value that is not whole yet is left out. Days are those of the browser's time zone. */
export function toQuery(filters: Filters): ListQuery {
  const query: ListQuery = { sort: filters.sort };
  if (filters.search.trim()) query.search = filters.search.trim().slice(0, 200);
  if (isBusiness(filters.business_id)) query.business_id = filters.business_id;
  if (filters.tag.length) query.tag = filters.tag;
  const [from, to] = [startOfDay(filters.created_from, 0), startOfDay(filters.created_to, 1)];
  if (from) query.created_from = from;
  if (to) query.created_to = to;
  const [least, most] = [filters.min_lifetime_value.replace(",", "."), filters.max_lifetime_value.replace(",", ".")];
  if (isAmount(least)) query.min_lifetime_value = least;
  if (isAmount(most)) query.max_lifetime_value = most;
  if (isCount(filters.min_orders)) query.min_orders = Number(filters.min_orders);
  if (filters.gender) query.gender = filters.gender as NonNullable<ListQuery["gender"]>;
  return query;
}

/** Midnight of the day, or of the one `later` days after it, as the API takes it; null for no whole date. */
function startOfDay(day: string, later: number): string | null {
  if (!isDay(day)) return null;
  const [year = 0, month = 0, date = 0] = day.split("-").map(Number);
  const moment = new Date(year, month - 1, date + later).getTime();
  return new Date(Math.min(moment, LAST_MS)).toISOString();
}

/** How many filters of the panel narrow the list; what is not whole yet does not, and search and order are not counted. */
export function countOf(filters: Filters): number {
  const { search: _search, sort: _sort, ...narrowing } = toQuery(filters);
  return Object.values(narrowing).flat().length;
}

/** Whether anything stands in the panel, also what cannot be used. */
export function isTouched(filters: Filters): boolean {
  return NAMES.filter((name) => name !== "search" && name !== "sort").some((name) => filters[name].length > 0);
}

export function asParameters(query: ListQuery): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== undefined) parameters.append(name, String(one));
  }
  return parameters;
}
