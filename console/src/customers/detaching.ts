import { call } from "../api/call";
import { asProblem } from "../api/problem";
import { removeTag } from "../customer/tag-removal";

/** Takes a tag off; who does not carry it is as wanted. Throws a Problem of 404 for a customer who is gone. */
export async function detach(id: string, tag: string, signal: AbortSignal): Promise<void> {
  try {
    await removeTag(id, tag, { signal });
  } catch (error) {
    if (asProblem(error).status !== 404) throw error;
    await call(`/v1/customers/${id}`, { signal }); // tells the two apart
  }
}
