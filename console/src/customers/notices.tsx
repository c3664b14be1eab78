import { mayPass } from "../api/may-pass";
import { asProblem } from "../api/problem";
import { Button } from "../parts/button";
import { ProblemNotice } from "../parts/notice";
import { useLocale } from "../texts/locale";
import type { leftOut } from "./filters";

/** What of the address is no filter: a list that is wider than its address says must say so. */
export function LeftOut({ names, onClear }: { names: ReturnType<typeof leftOut>; onClear: () => void }) {
  const { t } = useLocale();
  if (names.length === 0) return null;
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-3 rounded-md border border-warn px-3 py-1 text-warn">
      {t.list.leftOut(names.map((name) => t.list[name]).join(", "))}
      <Button look="quiet" onClick={onClear}>
        {t.list.clear}
      </Button>
    </div>
  );
}

interface FaultyProps {
  error: unknown;
  /** Whether there are no rows at all; else it stands below those that were read. */
  isFirst: boolean;
  onRetry: () => void;
  onClear: () => void;
}

/** Why rows are missing. What filters brought about, another try does not help. */
export function Faulty({ error, isFirst, onRetry, onClear }: FaultyProps) {
  const { t } = useLocale();
  if (isFirst && [400, 422].includes(asProblem(error).status)) {
    return (
      <div role="alert" className="flex flex-wrap items-center gap-3 rounded-md border border-danger px-3 py-2 text-danger">
        {t.list.refusedFilters}
        <Button onClick={onClear}>{t.list.clear}</Button>
      </div>
    );
  }
  return (
    <div className="grid gap-1">
      {!isFirst && <p className="text-sm text-danger">{t.list.restMissing}</p>}
      <ProblemNotice error={error} onRetry={onRetry} />
      {mayPass(error) && <p className="text-sm text-muted">{t.list.comesBack}</p>}
    </div>
  );
}

export function Empty({ isNarrowed, onClear }: { isNarrowed: boolean; onClear: () => void }) {
  const { t } = useLocale();
  return (
    <div className="panel grid flex-1 place-content-center gap-2 p-8 text-center">
      <p className="text-lg font-semibold">{isNarrowed ? t.list.emptyTitle : t.list.noneTitle}</p>
      <p className="text-muted">{isNarrowed ? t.list.emptyHint : t.list.noneHint}</p>
      {isNarrowed && (
        <Button onClick={onClear} className="justify-self-center">
          {t.list.clear}
        </Button>
      )}
    </div>
  );
}
