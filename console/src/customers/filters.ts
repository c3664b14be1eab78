import type { ListQuery, Sort } from "../api/types";

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

export function fromSearch(search: string): Filters {
  const given = new URLSearchParams(search);
  const single = NAMES.filter((name) => name !== "tag").map((name) => [name, given.get(name) ?? NO_FILTERS[name]]);
  return { ...(Object.fromEntries(single) as unknown as Filters), tag: given.getAll("tag") };
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

export function isBusiness(value: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
}

export function isCount(value: string): boolean {
  return /^\d{1,9}$/.test(value);
}

export function isAmount(value: string): boolean {
  return /^\d{1,12}([.,]\d{1,2})?$/.test(value);
}

/** Midnight of the day, or of the one `later` days after it, as the API takes it; null for no whole date. */
function startOfDay(day: string, later: number): string | null {
  const [year, month, date] = day.split("-").map(Number);
  if (!year || year < 1000 || !month || !date) return null;
  return new Date(year, month - 1, date + later).toISOString();
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
