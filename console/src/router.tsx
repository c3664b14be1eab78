import { type MouseEvent, type ReactNode, useSyncExternalStore } from "react";

const BASE = "/console";
const MOVED = "bee:moved";

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

/** Goes to an address below /console; `replace` leaves no step back behind. */
export function go(to: string, { replace = false } = {}): void {
  const address = BASE + (to === "/" ? "" : to.startsWith("/?") ? to.slice(1) : to);
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
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
