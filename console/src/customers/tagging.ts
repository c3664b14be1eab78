import { call, newKey } from "../api/call";
import { asProblem } from "../api/problem";

/** Calls under way at once: enough to be quick, few enough to leave the service to others. */
const AT_ONCE = 4;
const WAIT_DEFAULT_S = 5;

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
  async function work() {
    for (let id = waiting.shift(); id !== undefined && !signal.aborted; id = waiting.shift()) {
      if (await tagOne(id, tag, signal, (pause) => tell({ ...progress, pause }))) progress.done += 1;
      else progress.failed.push(id);
      tell({ ...progress });
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { ...progress, failed: [...progress.failed, ...waiting] };
}

async function tagOne(id: string, tag: string, signal: AbortSignal, tellPause: (seconds: number) => void): Promise<boolean> {
  const headers = { "Idempotency-Key": newKey() };
  for (;;) {
    try {
      await call(`/v1/customers/${id}/tags`, { method: "POST", body: { tags: [tag] }, headers, signal });
      return true;
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status !== 429 || signal.aborted) return false;
      const seconds = problem.retryAfter ?? WAIT_DEFAULT_S;
      tellPause(seconds);
      await pause(seconds, signal);
    }
  }
}

export function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
