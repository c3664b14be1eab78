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

/** Whether the list of this console is one step back, and not some other page. */
export function isListBehind(): boolean {
  return (history.state as { isFromList?: boolean } | null)?.isFromList === true;
}

type Leaver = () => void;
const leavers = new Set<Leaver>();

/** Calls it before another page is gone to, to bring into this page's address what is not there yet; returns the way to end that. */
export function onLeave(leaver: Leaver): () => void {
  leavers.add(leaver);
  return () => void leavers.delete(leaver);
}

/** Goes to an address below /console; `replace` leaves no step back behind. */
export function go(to: string, { replace = false } = {}): void {
  if (!replace) for (const leaver of leavers) leaver();
  isBack = false;
  const address = BASE + (to === "/" ? "" : to.startsWith("/?") ? to.slice(1) : to);
  if (replace) history.replaceState(history.state, "", address);
  else history.pushState({ isFromList: isList(location.pathname) }, "", address);
  window.dispatchEvent(new Event(MOVED));
}

export function Link(props: { to: string; className?: string; children: ReactNode; isCurrent?: boolean }) {
  function follow(event: MouseEvent) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(props.to);
  }
  return (
    <a href={BASE + props.to} className={props.className} onClick={follow} aria-current={props.isCurrent ? "page" : undefined}>
      {props.children}
    </a>
  );
}
