import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Button } from "../parts/button";
import { TagInput } from "../parts/tag-input";
import { useLocale } from "../texts/locale";
import { type Progress, tagAll } from "./tagging";
import type { Selection } from "./use-selection";

interface Work extends Progress {
  tag: string;
  all: number;
  isDone: boolean;
}

/** What can be done with the selected customers: a tag for all of them. */
export function SelectionBar({ selection }: { selection: Selection }) {
  const { t } = useLocale();
  const { work, start, stop } = useTagging();
  const isBusy = work !== null && !work.isDone;
  if (selection.ids.size === 0 && work === null) return null;
  return (
    <div className="panel flex flex-wrap items-center gap-x-4 gap-y-2 px-3 py-2">
      {selection.ids.size > 0 && (
        <>
          <strong>{t.tagging.selected(selection.ids.size)}</strong>
          <TagInput label={t.tagging.tag} button={t.tagging.attach} isBusy={isBusy} onAdd={(tag) => start([...selection.ids], tag)} />
          <Button look="quiet" onClick={selection.clear}>
            {t.tagging.clear}
          </Button>
        </>
      )}
      {work && <Told work={work} onStop={stop} onAgain={() => start(work.failed, work.tag)} />}
    </div>
  );
}

function useTagging() {
  const client = useQueryClient();
  const [work, setWork] = useState<Work | null>(null);
  const stopper = useRef(new AbortController());
  async function start(ids: string[], tag: string) {
    stopper.current = new AbortController();
    const about = { tag, all: ids.length };
    setWork({ ...about, done: 0, failed: [], pause: 0, isDone: false });
    const tell = (progress: Progress) => setWork({ ...about, ...progress, isDone: false });
    const result = await tagAll(ids, tag, stopper.current.signal, tell);
    setWork({ ...about, ...result, pause: 0, isDone: true });
    await client.invalidateQueries({ queryKey: ["customers"] });
    await client.invalidateQueries({ queryKey: ["tags"] });
  }
  return { work, start, stop: () => stopper.current.abort() };
}

function Told({ work, onStop, onAgain }: { work: Work; onStop: () => void; onAgain: () => void }) {
  const { t } = useLocale();
  return (
    <div className="flex flex-wrap items-center gap-2">
      {!work.isDone && <progress max={work.all} value={work.done + work.failed.length} aria-label={t.tagging.progress(work.done, work.all)} />}
      <span role="status">
        {work.isDone ? t.tagging.done(work.done, work.tag) : t.tagging.progress(work.done, work.all)}{" "}
        {work.pause > 0 && t.tagging.waiting(work.pause)} {work.failed.length > 0 && work.isDone && t.tagging.failed(work.failed.length)}
      </span>
      {!work.isDone && <Button onClick={onStop}>{t.tagging.stop}</Button>}
      {work.isDone && work.failed.length > 0 && <Button onClick={onAgain}>{t.tagging.again}</Button>}
    </div>
  );
}
