import type { Gender, Sort } from "../api/types";

/** As many tags as the API narrows a list to at once, and as long as one may be. */
export const TAGS_MOST = 10;
const TAG_MOST = 50;

export const SORTS: readonly Sort[] = (["created_at", "full_name", "lifetime_value", "total_orders", "last_order_date"] as const).flatMap(
  (name) => [name, `-${name}` as const],
);
export const GENDERS: readonly Gender[] = ["male", "female", "other", "unspecified"];

const NO_ID = "00000000-0000-0000-0000-000000000000";
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

export function isBusiness(value: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) && value !== NO_ID;
}

export function isCount(value: string): boolean {
  return /^\d{1,9}$/.test(value);
}

export function isAmount(value: string): boolean {
  return /^\d{1,12}([.,]\d{1,2})?$/.test(value);
}

/** Whether it is a day that there is, YYYY-MM-DD, in a year of four digits. */
export function isDay(value: string): boolean {
  if (!/^[1-9]\d{3}-\d\d-\d\d$/.test(value)) return false;
  const day = new Date(`${value}T00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

/** What an amount means that was typed with this decimal sign, in the form of the API; null where it is none. */
export function readAmount(text: string, decimal: string): string | null {
  const bare = text.replace(/\s/g, "");
  const group = decimal === "," ? "." : ",";
  const isGrouped = new RegExp(`^\\d{1,3}(\\${group}\\d{3})+(\\${decimal}\\d+)?$`).test(bare);
  // two digits at the end cannot be a group, so either sign is a decimal one there
  const plain = (isGrouped ? bare.replaceAll(group, "") : bare).replace(",", ".");
  return isAmount(plain) ? plain : null;
}

/** An amount as it stands in a field; what is none stands there as it was typed. */
export function writeAmount(value: string, decimal: string): string {
  return isAmount(value) ? value.replace(/[.,]/, decimal) : value;
}

/** Of these the tags that a list can be narrowed to, by the rules of the API, each once. */
export function asTags(given: string[]): string[] {
  return [...new Set(given.map(trimmed).filter(isTag))].slice(0, TAGS_MOST);
}

export function trimmed(tag: string): string {
  return tag.normalize("NFC").trim();
}

function isTag(tag: string): boolean {
  const bare = tag.normalize("NFKD").replace(/\p{M}/gu, "").trim();
  return [...tag].length <= TAG_MOST && !UNPRINTABLE.test(tag) && VISIBLE.test(tag) && bare !== "";
}
