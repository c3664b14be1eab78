import { asProblem } from "./problem";

const WAIT_DEFAULT_S = 10;

/** What the attempt comes to: after each 429 it rests for the seconds that were asked for, and then tries again. */
export async function patiently<T>(attempt: () => Promise<T>, rest: (seconds: number) => Promise<void>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status !== 429) throw error;
      await rest(Math.max(1, problem.retryAfter ?? WAIT_DEFAULT_S));
    }
  }
}

/** Tells the seconds that are left, one after the other, and 0 at the end; throws at once where it is given up. */
export async function countDown(seconds: number, signal: AbortSignal, tell: (seconds: number) => void): Promise<void> {
  for (let left = seconds; left > 0; left -= 1) {
    signal.throwIfAborted();
    tell(left);
    await pause(1, signal);
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
