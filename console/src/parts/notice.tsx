import { asProblem, type Problem } from "../api/problem";
import { useLocale } from "../texts/locale";
import { Button } from "./button";

/** What went wrong, what to do, and the trace by which operators find it. Details of the API are in English. */
export function ProblemNotice(props: { error: unknown; onRetry?: () => void }) {
  const { t } = useLocale();
  const problem = asProblem(props.error);
  return (
    <div role="alert" className="rounded-md border border-danger px-3 py-2 text-danger">
      <p className="font-medium">{useProblemText()(problem)}</p>
      <ul lang="en" className="text-sm">
        {problem.faults.map((fault) => (
          <li key={`${fault.pointer ?? fault.parameter} ${fault.detail}`}>
            {fault.pointer ?? fault.parameter}: {fault.detail}
          </li>
        ))}
      </ul>
      {problem.status >= 500 && problem.traceId && <p className="text-sm">{t.trace(problem.traceId)}</p>}
      {props.onRetry && (
        <Button className="mt-2" onClick={props.onRetry}>
          {t.common.retry}
        </Button>
      )}
    </div>
  );
}

export function useProblemText(): (problem: Problem) => string {
  const { t } = useLocale();
  return (problem) => (problem.status === 429 ? t.problems["status-429"] : t.problems[problem.slug]) ?? t.problems["other"] ?? "";
}
