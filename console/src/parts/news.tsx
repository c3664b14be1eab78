import { useSyncExternalStore } from "react";
import { useLocale } from "../texts/locale";

export type News = "saved" | "savedAllTheSame" | "noteAdded" | "noteRemoved" | "avatarSet" | "avatarRemoved" | "tagAdded" | "tagRemoved" | "goneBefore" | "deleted" | "stopped";
const SHOWN_MS = 5_000;
const listeners = new Set<() => void>();
let current: News | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

function set(news: News | null): void {
  current = news;
  for (const listener of listeners) listener();
}

/** Says in a few words what has just succeeded, on whatever page comes next. */
export function tell(news: News): void {
  clearTimeout(timer);
  timer = setTimeout(() => set(null), SHOWN_MS);
  set(news);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Always there, so that readers of the screen hear what appears in it. */
export function NewsLine() {
  const { t } = useLocale();
  const news = useSyncExternalStore(subscribe, () => current);
  const texts: Record<News, string> = { ...t.news, saved: t.common.saved, deleted: t.deletion.done, stopped: t.wait.leftBehind };
  return (
    <p role="status" className={`pointer-events-none fixed inset-x-0 bottom-4 z-20 mx-auto w-fit ${news ? "panel px-4 py-2 shadow-xl" : ""}`}>
      {news && texts[news]}
    </p>
  );
}
