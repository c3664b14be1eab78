import { Problem, secondsOf } from "./problem";

/** The pause where a 429 names none. */
export const PAUSE_DEFAULT_S = 10;
/** What these limits refuse they would refuse to every call; each call that comes before its time makes the wait longer. */
const [OF_CALLER, OF_ADDRESS] = ["api", "auth-failure"];
/** By how much a timer may come before its time. */
export const EARLY_S = 0.05;

/** Until when what must not be sent, by the 429s so far. A call is named by its method and path. */
export class Pauses {
  private ends = new Map<string, number>();
  private listeners = new Set<() => void>();

  learn(call: string, response: Response): void {
    const seconds = Math.max(1, secondsOf(response.headers.get("Retry-After")) ?? PAUSE_DEFAULT_S);
    const policy = /^"([\w-]+)"/.exec(response.headers.get("RateLimit-Policy") ?? "")?.[1] ?? "";
    const key = policy === OF_CALLER || policy === OF_ADDRESS ? policy : call;
    this.ends.set(key, Math.max(this.ends.get(key) ?? 0, Date.now() + seconds * 1000));
    this.tell();
  }

  /** Throws the 429 that the call would get before its time, with the seconds that are left. */
  check(call: string): void {
    const end = this.latest((key) => key === OF_CALLER || key === OF_ADDRESS || key === call);
    const left = Math.ceil((end - Date.now()) / 1000 - EARLY_S);
    if (left > 0) throw new Problem(429, "rate-limited", "", [], left);
  }

  /** When all that a page reads may be sent again, in milliseconds since 1970; 0 where nothing is held back. Changes tell of their waits themselves. */
  get endOfReads(): number {
    return this.latest((key) => key === OF_CALLER || key === OF_ADDRESS || key.startsWith("GET "));
  }

  /** Another person has limits of its own; those of the address are the same for all. */
  forget(): void {
    for (const key of this.ends.keys()) if (key !== OF_ADDRESS) this.ends.delete(key);
    this.tell();
  }

  private latest(isMeant: (key: string) => boolean): number {
    return Math.max(0, ...[...this.ends].filter(([key]) => isMeant(key)).map(([, end]) => end));
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

export const pauses = new Pauses();
