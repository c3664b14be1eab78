import { useEffect } from "react";

let works = 0;
const ask = (event: BeforeUnloadEvent) => event.preventDefault();

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
