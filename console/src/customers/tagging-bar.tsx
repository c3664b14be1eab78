import { Button } from "../parts/button";
import { useUnderWay } from "../parts/under-way";
import { useLocale } from "../texts/locale";
import { useListWork } from "./list-work";
import type { Tagging, Work } from "./use-tagging";

const BAR =
  "h-2 w-40 appearance-none overflow-hidden rounded-full border border-edge bg-sunken max-sm:w-full [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent";

/** How far the tagging of many is, above whatever page is shown: it goes on while people look at something else. */
export function TaggingBar() {
  const { tagging } = useListWork();
  const { work } = tagging;
  useUnderWay(work !== null && !work.isDone);
  if (work === null) return null;
  return (
    <div data-tagging className="panel sticky top-0 z-20 mb-3 px-3 py-2">
      <Told work={work} tagging={tagging} />
    </div>
  );
}

function Told({ work, tagging }: { work: Work; tagging: Tagging }) {
  const { t } = useLocale();
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      {!work.isDone && <progress max={work.all} value={work.done + work.failed.length} aria-label={t.tagging.progress(work.done, work.all)} className={BAR} />}
      <span role="status" className="flex flex-wrap gap-x-3">
        <span>{work.isDone ? t.tagging.done(work.done, work.tag) : t.tagging.progress(work.done, work.all)}</span>
        {work.pause > 0 && <span className="text-warn">{t.tagging.waiting(work.pause)}</span>}
        {work.failed.length > 0 && work.isDone && <span className="text-danger">{t.tagging.failed(work.failed.length)}</span>}
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
