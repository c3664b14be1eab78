import { Button } from "../parts/button";
import { Progress } from "../parts/progress";
import { useUnderWay } from "../parts/under-way";
import { useLocale } from "../texts/locale";
import { useListWork } from "./list-work";
import { leftToDo, withReason } from "./tagging";
import { TaggingFailures } from "./tagging-failures";
import type { Tagging, Work } from "./use-tagging";

/** How far the work on many is, below whatever page is shown, where it moves nothing: it goes on while people look at something else. */
export function TaggingBar() {
  const { tagging } = useListWork();
  const { work } = tagging;
  useUnderWay(work !== null && !work.isDone);
  if (work === null) return null;
  return (
    <div data-tagging className="panel sticky bottom-0 z-20 mt-3 grid gap-1 px-3 py-2">
      <Told work={work} tagging={tagging} />
      {work.isDone && work.failed.length > 0 && <TaggingFailures failed={work.failed} />}
    </div>
  );
}

function Told({ work, tagging }: { work: Work; tagging: Tagging }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <HowFar work={work} />
      {work.isDone ? <Afterwards work={work} tagging={tagging} /> : <Stop isStopping={work.isStopping} onStop={tagging.stop} />}
    </div>
  );
}

function HowFar({ work }: { work: Work }) {
  const { t } = useLocale();
  const { done, all, change } = work;
  const progress = (change.isRemoval ? t.tagging.progressOff : t.tagging.progress)(done, all);
  const outcome = (change.isRemoval ? t.tagging.doneOff : t.tagging.done)(done, change.tag);
  return (
    <>
      {!work.isDone && <Progress share={(done + work.failed.length) / all} label={progress} />}
      <span role="status" className="flex flex-wrap gap-x-3">
        <span>{work.isDone ? outcome : progress}</span>
        {work.pause > 0 && <span className="text-warn">{t.tagging.waiting(work.pause)}</span>}
        {work.isDone && work.untried.length > 0 && <span className="text-warn">{t.tagging.untried(work.untried.length)}</span>}
        {work.isDone && work.failed.length > 0 && <span className="text-danger">{t.tagging.failed(work.failed.length)}</span>}
      </span>
    </>
  );
}

function Stop({ isStopping, onStop }: { isStopping: boolean; onStop: () => void }) {
  const { t } = useLocale();
  return (
    <Button onClick={onStop} disabled={isStopping}>
      {t.tagging.stop}
    </Button>
  );
}

function Afterwards({ work, tagging }: { work: Work; tagging: Tagging }) {
  const { t } = useLocale();
  const isOnlyAgain = withReason(work.failed, "passing").length > 0 && work.untried.length === 0;
  return (
    <>
      {leftToDo(work).length > 0 && <Button onClick={() => void tagging.goOn()}>{isOnlyAgain ? t.tagging.again : t.tagging.goOn}</Button>}
      <Button look="quiet" onClick={tagging.dismiss}>
        {t.common.close}
      </Button>
    </>
  );
}
