import { useEffect, useRef, useState } from "react";
import { tell } from "../parts/news";
import { useUnderWay } from "../parts/under-way";
import { countDown, patiently, shared } from "./patiently";
import { isGivenUp } from "./problem";

export interface Write<Input> {
  isPending: boolean;
  /** Seconds until it is tried again, where there were too many calls; 0 while it does not wait. */
  wait: number;
  /** Why the last one failed; null where none did. */
  error: unknown;
  /** Whether it was done; false also where it was given up. */
  run: (input: Input) => Promise<boolean>;
  /** Gives up what waits; what is on its way goes on. */
  stop: () => void;
  /** Forgets the error. */
  reset: () => void;
}

/** One kind of change: each is tried again by itself after a 429, until it is done, refused or given up. */
export function useWrite<Input = void>(send: (input: Input) => Promise<unknown>, onDone: (input: Input) => unknown): Write<Input> {
  const [running, setRunning] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const { wait, rest, stop } = useRest();
  async function run(input: Input): Promise<boolean> {
    setError(null);
    setRunning((count) => count + 1);
    try {
      await patiently(() => send(input), rest);
      await onDone(input);
      return true;
    } catch (failure) {
      if (!isGivenUp(failure)) setError(failure);
      return false;
    } finally {
      setRunning((count) => count - 1);
    }
  }
  return { isPending: running > 0, wait, error, run, stop, reset: () => setError(null) };
}

/**
 * The wait after a 429, counted down second by second. It is given up by `stop`, and when the person leaves the page:
 * then the next page says so, as nothing is sent any more.
 */
export function useRest() {
  const [wait, setWait] = useState(0);
  const waiting = useRef(0);
  const stopper = useRef(new AbortController());
  const isLeft = useRef(false);
  useUnderWay(wait > 0);
  function count(seconds: number): void {
    waiting.current = seconds;
    setWait(seconds);
  }
  function stop(): void {
    stopper.current.abort();
    stopper.current = new AbortController();
    count(0);
  }
  useEffect(() => {
    const leave = () => {
      if (waiting.current > 0) tell("stopped");
      isLeft.current = true;
      // and no new one: what was begun by one person must not wait and go out when another is signed in
      stopper.current.abort();
    };
    return leave;
  }, []);
  const [together] = useState(() => shared((seconds) => countDown(seconds, stopper.current.signal, count)));
  function rest(seconds: number): Promise<void> {
    if (isLeft.current) tell("stopped");
    return together(seconds);
  }
  return { wait, rest, stop };
}
