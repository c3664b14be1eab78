import { Button } from "../parts/button";
import { TagInput } from "../parts/tag-input";
import { useLocale } from "../texts/locale";
import { useListWork } from "./list-work";
import type { Selection } from "./use-selection";
import type { Tagging, Work } from "./use-tagging";

/** What can be done with the selected customers: a tag for all of them. */
export function SelectionBar({ selection }: { selection: Selection }) {
  const { t } = useLocale();
  const { tagging } = useListWork();
  const { work, start } = tagging;
  const isBusy = work !== null && !work.isDone;
  if (selection.ids.size === 0 && work === null) return null;
  return (
    <div className="panel flex flex-wrap items-center gap-x-4 gap-y-2 px-3 py-2">
      {selection.ids.size > 0 && (
        <>
          <strong>{t.tagging.selected(selection.ids.size)}</strong>
          {selection.elsewhere > 0 && <span className="text-warn">{t.tagging.elsewhere(selection.elsewhere)}</span>}
          <TagInput label={t.tagging.tag} button={t.tagging.attach} isBusy={isBusy} onAdd={(tag) => void start([...selection.ids], tag)} />
          <Button look="quiet" onClick={selection.clear}>
            {t.tagging.clear}
          </Button>
        </>
      )}
      {work && <Told work={work} tagging={tagging} />}
    </div>
  );
}

function Told({ work, tagging }: { work: Work; tagging: Tagging }) {
  const { t } = useLocale();
  return (
    <div className="flex flex-wrap items-center gap-2">
      {!work.isDone && <progress max={work.all} value={work.done + work.failed.length} aria-label={t.tagging.progress(work.done, work.all)} />}
      <span role="status">
        {work.isDone ? t.tagging.done(work.done, work.tag) : t.tagging.progress(work.done, work.all)}{" "}
        {work.pause > 0 && t.tagging.waiting(work.pause)} {work.failed.length > 0 && work.isDone && t.tagging.failed(work.failed.length)}
      </span>
      {!work.isDone && <Button onClick={tagging.stop}>{t.tagging.stop}</Button>}
      {work.isDone && work.failed.length > 0 && <Button onClick={() => tagging.start(work.failed, work.tag)}>{t.tagging.again}</Button>}
      {work.isDone && (
        <Button look="quiet" onClick={tagging.dismiss}>
          {t.common.close}
        </Button>
      )}
    </div>
  );
}
