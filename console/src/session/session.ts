import { useSyncExternalStore } from "react";
import { pauses } from "../api/pauses";
import { Problem } from "../api/problem";
import { personOf } from "./claims";
import { isDead } from "./token-life";

export { businessesOf, personOf } from "./claims";

const KEY = "bee.token";

interface Waiter {
  goOn(token: string): void;
  giveUp(reason: Problem): void;
}

/** The token, in memory and in the storage of this tab; who needs one waits here until there is one. */
export class Session {
  private current: string | null;
  private refused: string | null = null;
  private waiters: Waiter[] = [];
  private listeners = new Set<() => void>();
  /** Called before somebody else than before is signed in: what is kept of the one before goes here. */
  onOther: () => void = () => undefined;

  /** Counts those who were signed in one after the other: what one has begun belongs to that turn alone. */
  turn = 0;

  constructor(
    private readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">,
    private readonly isDead: (token: string) => Promise<boolean> = async () => false,
  ) {
    this.current = storage.getItem(KEY);
  }

  get token(): string | null {
    return this.current;
  }

  /** A token that is not known to be refused or over; where there is none, the next one that the person signs in with. */
  async usable(): Promise<string> {
    const token = this.current;
    if (token === null || token === this.refused || (await this.isDead(token))) return this.ask(token);
    return token;
  }

  /** The service does not take this token: nothing is sent with it any more. */
  refuse(token: string): void {
    if (token !== this.current) return;
    this.refused = token;
    this.tell();
  }

  /** A token other than `refused`, as soon as the same person signs in with one; throws a Problem when nobody does. */
  ask(refused: string | null): Promise<string> {
    if (this.current !== null && this.current !== refused) return Promise.resolve(this.current);
    if (refused !== null) this.refuse(refused);
    return new Promise((goOn, giveUp) => this.waiters.push({ goOn, giveUp }));
  }

  /** Whether the token held was refused, so that the person must sign in again. */
  get isOver(): boolean {
    return this.current !== null && this.current === this.refused;
  }

  signIn(token: string): void {
    if (this.current !== null && personOf(this.current) !== personOf(token)) {
      // what one person has begun never goes out under the name of another
      this.letGo();
      pauses.forget();
      this.onOther();
    }
    this.current = token;
    this.refused = null;
    this.storage.setItem(KEY, token);
    for (const waiter of this.waiters.splice(0)) waiter.goOn(token);
    this.tell();
  }

  signOut(): void {
    this.current = null;
    this.letGo();
    this.storage.removeItem(KEY);
    this.tell();
  }

  private letGo(): void {
    this.turn += 1;
    for (const waiter of this.waiters.splice(0)) waiter.giveUp(new Problem(401, "signed-out", ""));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

const nowhere = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };

/** The storage of this tab; none where a browser allows none. */
function ofTab(): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  try {
    return sessionStorage;
  } catch {
    return nowhere;
  }
}

export const session = new Session(ofTab(), isDead);

export function useToken(): string | null {
  return useSyncExternalStore(session.subscribe, () => session.token);
}

export function useIsOver(): boolean {
  return useSyncExternalStore(session.subscribe, () => session.isOver);
}
