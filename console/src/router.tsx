import { type MouseEvent, type ReactNode, useSyncExternalStore } from "react";

const BASE = "/console";
const MOVED = "bee:moved";

let isBack = false;
if (typeof window !== "undefined") window.addEventListener("popstate", () => (isBack = true));

/** Whether the page that is shown was come to by a step in the history of the browser. */
export function isStepBack(): boolean {
  return isBack;
}

function subscribe(listener: () => void): () => void {
  const names = ["popstate", MOVED];
  for (const name of names) window.addEventListener(name, listener);
  return () => {
    for (const name of names) window.removeEventListener(name, listener);
  };
}

/** The address below /console: its path without a slash at the end, and its query. */
export function useAddress(): { path: string; search: string } {
  const path = useSyncExternalStore(subscribe, () => location.pathname);
  const search = useSyncExternalStore(subscribe, () => location.search);
  return { path: path.slice(BASE.length).replace(/\/$/, "") || "/", search };
}

/** Whether this path of the browser is the list of customers. */
export function isList(path: string): boolean {
  return /^\/console(\/customers)?\/?$/.test(path);
}

/** What an entry of the browser's history keeps, and has again after the page was loaded anew. */
interface Kept {
  isFromList?: boolean;
  /** The query of the list that was looked at last. */
  list?: string;
  /** Where the list of this entry was scrolled to when it was left, in pixels. */
  top?: number;
}

function kept(): Kept {
  return (history.state as Kept | null) ?? {};
}

/** Whether the list of this console is one step back, and not some other page. */
export function isListBehind(): boolean {
  return kept().isFromList === true;
}

/** The list as it was looked at last, with its search and filters. */
export function lastList(): string {
  return `/${isList(location.pathname) ? location.search : (kept().list ?? "")}`;
}

export function keepTop(top: number): void {
  history.replaceState({ ...kept(), top }, "");
}

export function keptTop(): number | undefined {
  return kept().top;
}

type Leaver = () => void;
const leavers = new Set<Leaver>();

/** Calls it before another page is gone to, to bring into this page's address what is not there yet; returns the way to end that. */
export function onLeave(leaver: Leaver): () => void {
  leavers.add(leaver);
  return () => void leavers.delete(leaver);
}

/** An address below /console, or how to tell it once what is being typed stands in the address of this page. */
type Aim = string | (() => string);

function addressOf(aim: Aim): string {
  const to = typeof aim === "function" ? aim() : aim;
  return BASE + (to === "/" ? "" : to.startsWith("/?") ? to.slice(1) : to);
}

/** Goes there; `replace` leaves no step back behind. */
export function go(to: Aim, { replace = false } = {}): void {
  if (!replace) for (const leaver of leavers) leaver();
  isBack = false;
  const address = addressOf(to);
  if (replace) {
    const { top: _ofWhatWasThere, ...rest } = kept();
    history.replaceState(rest, "", address);
  } else {
    history.pushState({ isFromList: isList(location.pathname), list: lastList().slice(1) }, "", address);
  }
  window.dispatchEvent(new Event(MOVED));
}

export function Link(props: { to: Aim; className?: string; title?: string; children: ReactNode; isCurrent?: boolean }) {
  function follow(event: MouseEvent) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(props.to);
  }
  return (
    <a href={addressOf(props.to)} title={props.title} className={props.className} onClick={follow} aria-current={props.isCurrent ? "page" : undefined}>
      {props.children}
    </a>
  );
}
