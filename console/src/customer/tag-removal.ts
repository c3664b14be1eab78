import { call } from "../api/call";
import { asProblem, Problem } from "../api/problem";
import type { Customer } from "../api/types";
import { isSameTag } from "../parts/tag-catalogue";
import { addressOf, JSON_PATCH } from "./queries";

/** Names that are themselves in every path: a browser takes `..` for the way up, which leads to the customer itself. */
const PLAIN = /^[\p{L}\p{M}\p{N} _-]+$/u;
/** How often others may change the tags in between. */
const TRIES = 3;

/** Takes a tag off; throws a Problem of 404 where it is not there. The signal gives it up. */
export async function removeTag(id: string, tag: string, begun: { signal?: AbortSignal } = {}): Promise<void> {
  if (PLAIN.test(tag)) return void (await call(`${addressOf(id)}/tags/${encodeURIComponent(tag)}`, { method: "DELETE", ...begun }));
  for (let left = TRIES; ; left -= 1) {
    try {
      return await removeByPatch(id, tag, begun);
    } catch (error) {
      if (asProblem(error).status !== 409 || left === 0) throw error;
    }
  }
}

/** By its place among the tags, if it is still in that place: its name stands in no path. */
async function removeByPatch(id: string, tag: string, begun: { signal?: AbortSignal }): Promise<void> {
  const { data } = await call<Customer>(addressOf(id), begun);
  const tags = data.tags ?? [];
  const place = tags.findIndex((name) => isSameTag(name, tag));
  if (place < 0) throw new Problem(404, "not-found", "");
  const path = `/tags/${place}`;
  const body = [{ op: "test", path, value: tags[place] }, { op: "remove", path }];
  await call(addressOf(id), { method: "PATCH", body, mediaType: JSON_PATCH, ...begun });
}
