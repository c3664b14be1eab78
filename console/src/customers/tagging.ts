import { call, newKey } from "../api/call";
import { countDown, patiently, type Rest, shared } from "../api/patiently";

/** Calls under way at once: enough to be quick, few enough to leave the service to others. */
const AT_ONCE = 4;

export interface Progress {
  done: number;
  failed: string[];
  /** Seconds until it goes on, where the service asked for a pause. */
  pause: number;
}

/** Attaches a tag to each customer; who cannot be tagged is named in the result, and the others are tagged. */
export async function tagAll(ids: string[], tag: string, signal: AbortSignal, tell: (progress: Progress) => void): Promise<Progress> {
  const waiting = [...ids];
  const progress: Progress = { done: 0, failed: [], pause: 0 };
  const told = () => tell({ ...progress, failed: [...progress.failed] });
  const rest = shared((seconds) =>
    countDown(seconds, signal, (pause) => {
      progress.pause = pause;
      told();
    }),
  );
  async function work() {
    for (let id = waiting.shift(); id !== undefined && !signal.aborted; id = waiting.shift()) {
      if (await tagOne(id, tag, signal, rest)) progress.done += 1;
      else progress.failed.push(id);
      told();
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { ...progress, failed: [...progress.failed, ...waiting] };
}

async function tagOne(id: string, tag: string, signal: AbortSignal, rest: Rest): Promise<boolean> {
  const options = { method: "POST" as const, body: { tags: [tag] }, headers: { "Idempotency-Key": newKey() }, signal };
  try {
    await patiently(() => call(`/v1/customers/${id}/tags`, options), rest);
    return true;
  } catch {
    return false;
  }
}
