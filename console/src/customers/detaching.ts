import { call } from "../api/call";
import { asProblem } from "../api/problem";
import type { Customer } from "../api/types";
import { isSameTag } from "../parts/tag-catalogue";

/** Names that are themselves in every path: a browser takes `..` for the way up, and that is the customer itself. */
const PLAIN = /^[\p{L}\p{M}\p{N} _-]+$/u;

/** Takes a tag off; who does not carry it is as wanted. Throws a Problem of 404 for a customer who is gone. */
export async function detach(id: string, tag: string, signal: AbortSignal): Promise<void> {
  const address = `/v1/customers/${id}`;
  if (!PLAIN.test(tag)) return byPatch(address, tag, signal);
  try {
    await call(`${address}/tags/${encodeURIComponent(tag)}`, { method: "DELETE", signal });
  } catch (error) {
    if (asProblem(error).status !== 404) throw error;
    await call(address, { signal }); // tells the two apart
  }
}

/** By its place among the tags, if it is still there: 409 where somebody was quicker. */
async function byPatch(address: string, tag: string, signal: AbortSignal): Promise<void> {
  const { data } = await call<Customer>(address, { signal });
  const place = (data.tags ?? []).findIndex((name) => isSameTag(name, tag));
  if (place < 0) return;
  const path = `/tags/${place}`;
  const body = [{ op: "test", path, value: data.tags?.[place] }, { op: "remove", path }];
  await call(address, { method: "PATCH", body, mediaType: "application/json-patch+json", signal });
}
