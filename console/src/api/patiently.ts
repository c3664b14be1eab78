import { EARLY_S, PAUSE_DEFAULT_S } from "./pauses";
import { asProblem } from "./problem";

/** A wait of so many seconds; throws where it is given up. */
export type Rest = (seconds: number) => Promise<void>;

/** What the attempt comes to: after each 429 it rests for the seconds that were asked for, and then tries again. */
export async function patiently<T>(attempt: () => Promise<T>, rest: Rest): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status !== 429) throw error;
      await rest(Math.max(1, problem.retryAfter ?? PAUSE_DEFAULT_S));
    }
  }
}

/** All who need a rest while one is being had have the same one. */
export function shared(rest: Rest): Rest {
  let current: Promise<void> | null = null;
  return (seconds) => {
    current ??= rest(seconds).finally(() => (current = null));
    return current;
  };
}

/**
 * Tells the seconds that are left, and 0 at the end; throws at once where it is given up. By the clock, since browsers
 * wake a page that is out of sight as rarely as once a minute.
 */
export async function countDown(seconds: number, signal: AbortSignal, tell: (seconds: number) => void): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (let left = seconds; left > 0; left = Math.ceil((end - Date.now()) / 1000 - EARLY_S)) {
    signal.throwIfAborted();
    tell(left);
    await pause((end - Date.now()) / 1000 - (left - 1), signal);
  }
  signal.throwIfAborted();
  tell(0);
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    signal.addEventListener("abort", end);
  });
}
