import { call, newKey } from "../api/call";
import { mayPass } from "../api/may-pass";
import { countDown, patiently, type Rest, shared } from "../api/patiently";
import { Problem } from "../api/problem";
import { detach } from "./detaching";

/** Calls under way at once: enough to be quick, few enough to leave the service to others. */
const AT_ONCE = 4;

export interface TagChange {
  tag: string;
  /** Whether it is taken off; else it is attached. */
  isRemoval: boolean;
}

/** Why a customer could not be changed; only for `passing` another try may help. */
export type Reason = "gone" | "full" | "refused" | "passing";

export interface Failure {
  id: string;
  reason: Reason;
}

/** Together with those whose call is on its way, these are always all. */
export interface Progress {
  done: number;
  failed: Failure[];
  /** Whose turn did not come. */
  untried: string[];
  /** Seconds until it goes on, where the service asked for a pause. */
  pause: number;
}

export interface Ends {
  /** No further customer has its turn; calls that are on their way come to their end. */
  stop: AbortSignal;
  /** Nothing goes out any more, as whoever began it has left. */
  leave: AbortSignal;
}

export const NOTHING_YET: Progress = { done: 0, failed: [], untried: [], pause: 0 };

/** Changes each customer, on top of what was done `before`; who cannot be changed is named in the result, with the reason. */
export async function tagAll(ids: string[], change: TagChange, ends: Ends, tell: (progress: Progress) => void, before = NOTHING_YET): Promise<Progress> {
  const waiting = [...ids];
  const stop = AbortSignal.any([ends.stop, ends.leave]);
  let { done, pause } = { ...before, pause: 0 };
  const failed = [...before.failed];
  const givenUp: string[] = [];
  const told = () => ({ done, failed: [...failed], untried: [...givenUp, ...waiting], pause });
  const rest = shared((seconds) =>
    countDown(seconds, stop, (left) => {
      pause = left;
      tell(told());
    }),
  );
  async function work() {
    while (!stop.aborted && waiting.length > 0) {
      const id = waiting.shift() as string;
      const outcome = await changeOne(id, change, ends.leave, rest);
      if (outcome === "done") done += 1;
      else if (outcome === "untried") givenUp.push(id);
      else failed.push({ id, reason: outcome });
      tell(told());
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { ...told(), pause: 0 };
}

async function changeOne(id: string, { tag, isRemoval }: TagChange, leave: AbortSignal, rest: Rest): Promise<"done" | "untried" | Reason> {
  const key = newKey();
  try {
    await patiently(() => (isRemoval ? detach(id, tag, leave) : attach(id, tag, key, leave)), rest);
    return "done";
  } catch (error) {
    // no reply of the service, but the end of a rest that it had asked for
    return error instanceof Problem ? reasonOf(error) : "untried";
  }
}

function attach(id: string, tag: string, key: string, signal: AbortSignal): Promise<unknown> {
  return call(`/v1/customers/${id}/tags`, { method: "POST", body: { tags: [tag] }, headers: { "Idempotency-Key": key }, signal });
}

export function reasonOf(problem: Problem): Reason {
  if (problem.status === 404 || problem.status === 410) return "gone";
  // a fault of the list as a whole, and not of a name in it: it would be too long
  if (problem.status === 422 && problem.faults.some(({ pointer }) => pointer === "/tags")) return "full";
  return mayPass(problem) ? "passing" : "refused";
}

export function withReason(failed: Failure[], reason: Reason): string[] {
  return failed.filter((one) => one.reason === reason).map(({ id }) => id);
}

/** Those for whom going on may help. */
export function leftToDo({ failed, untried }: Progress): string[] {
  return [...withReason(failed, "passing"), ...untried];
}
