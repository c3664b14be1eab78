import { useSyncExternalStore } from "react";
import { Problem } from "../api/problem";

const KEY = "bee.token";

/** What a token says about who holds it; read for display alone, since only the service can check it. */
export interface Claims {
  sub?: string;
  exp?: number;
  role?: string;
  roles?: string[];
  business_id?: string | string[];
}

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

  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">) {
    this.current = storage.getItem(KEY);
  }

  get token(): string | null {
    return this.current;
  }

  /** A token other than `refused`, as soon as the same person signs in with one; throws a Problem when nobody does. */
  ask(refused: string | null): Promise<string> {
    if (this.current !== null && this.current !== refused) return Promise.resolve(this.current);
    this.refused = refused;
    this.tell();
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

export function claimsOf(token: string | null): Claims {
  try {
    const payload = (token ?? "").split(".")[1] ?? "";
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
  } catch {
    return {};
  }
}

/** The businesses that the token is limited to; none means all of them. */
export function businessesOf(token: string | null): string[] {
  return [claimsOf(token).business_id ?? []].flat();
}

/** Who holds a token, and for which businesses: the same text for tokens that may stand for each other. */
export function personOf(token: string | null): string {
  return JSON.stringify([claimsOf(token).sub ?? null, businessesOf(token).sort()]);
}

const nowhere = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
export const session = new Session(typeof sessionStorage === "undefined" ? nowhere : sessionStorage);

export function useToken(): string | null {
  return useSyncExternalStore(session.subscribe, () => session.token);
}

export function useIsOver(): boolean {
  return useSyncExternalStore(session.subscribe, () => session.isOver);
}
