import { useEffect } from "react";

/** How long a way out that keeps everything may take to begin. */
const LEAVING_MS = 5_000;
let works = 0;
let isLetGo = false;
const ask = (event: BeforeUnloadEvent) => {
  if (!isLetGo) event.preventDefault();
};

/** The page is left for a way that leads back here with all that was typed: nothing is to be asked. */
export function letLeave(): void {
  isLetGo = true;
  setTimeout(() => (isLetGo = false), LEAVING_MS);
}

/** The browser asks before the console is left while this is true then. */
export function useAskWhere(isAtStake: () => boolean): void {
  useEffect(() => {
    const askThen = (event: BeforeUnloadEvent) => isAtStake() && ask(event);
    window.addEventListener("beforeunload", askThen);
    return () => window.removeEventListener("beforeunload", askThen);
  }, [isAtStake]);
}

/** Whether something is being done that ends where the console is left. */
export function isUnderWay(): boolean {
  return works > 0;
}

/** While it is on, the browser asks before the console is left, and so does the way out of the account. */
export function useUnderWay(isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return;
    works += 1;
    window.addEventListener("beforeunload", ask);
    return () => {
      works -= 1;
      if (works === 0) window.removeEventListener("beforeunload", ask);
    };
  }, [isOn]);
}
