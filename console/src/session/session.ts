import { useSyncExternalStore } from "react";

const KEY = "bee.token";

/** What a token says about who holds it; read for display alone, since only the service can check it. */
export interface Claims {
  sub?: string;
  exp?: number;
  role?: string;
  roles?: string[];
  business_id?: string | string[];
}

type Waiter = (token: string) => void;

/** The token, in memory and in the storage of this tab; who needs one waits here until there is one. */
export class Session {
  private current: string | null;
  private refused: string | null = null;
  private waiters: Waiter[] = [];
  private listeners = new Set<() => void>();

  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">) {
    this.current = storage.getItem(KEY);
  }

  get token(): string | null {
    return this.current;
  }

  /** A token other than `refused`, as soon as somebody signs in with one. */
  ask(refused: string | null): Promise<string> {
    if (this.current !== null && this.current !== refused) return Promise.resolve(this.current);
    this.refused = refused;
    this.tell();
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  /** Whether the token held was refused, so that the person must sign in again. */
  get isOver(): boolean {
    return this.current !== null && this.current === this.refused;
  }

  signIn(token: string): void {
    this.current = token;
    this.refused = null;
    this.storage.setItem(KEY, token);
    for (const waiter of this.waiters.splice(0)) waiter(token);
    this.tell();
  }

  signOut(): void {
    this.current = null;
    this.waiters = [];
    this.storage.removeItem(KEY);
    this.tell();
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

const nowhere = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
export const session = new Session(typeof sessionStorage === "undefined" ? nowhere : sessionStorage);

export function useToken(): string | null {
  return useSyncExternalStore(session.subscribe, () => session.token);
}

export function useIsOver(): boolean {
  return useSyncExternalStore(session.subscribe, () => session.isOver);
}
