import { useQuery } from "@tanstack/react-query";
import { call } from "../api/call";
import { guarded } from "../api/guarded";
import { Problem } from "../api/problem";
import type { Operations } from "../api/types";
import { ProblemNotice } from "../parts/notice";
import { Section } from "../parts/section";
import { Title } from "../parts/title";
import { useLocale } from "../texts/locale";

const EVERY_MS = 10_000;

interface Health {
  status: string;
  parts: Record<string, string>;
}

async function askHealth(signal: AbortSignal): Promise<Health> {
  const response = await guarded("/health", { cache: "no-store" }, signal);
  const told = (await response.json().catch(() => null)) as Health | null;
  // 503 tells of its parts too
  if (!told?.parts) throw new Problem(response.status, "unavailable", "");
  return told;
}

/** Why a part of the page is empty. */
type Reason = "away" | "notForSome";

/** Events and jobs, or why they are not for the caller. */
async function askOperations(signal: AbortSignal): Promise<Operations | Reason> {
  try {
    return (await call<Operations>("/v1/operations", { signal })).data;
  } catch (error) {
    if (error instanceof Problem && error.status === 403) return "notForSome";
    throw error;
  }
}

export function OperationsPage() {
  const { t, time } = useLocale();
  const health = useQuery({ queryKey: ["health"], queryFn: ({ signal }) => askHealth(signal), refetchInterval: EVERY_MS });
  const operations = useQuery({
    queryKey: ["operations"],
    queryFn: ({ signal }) => askOperations(signal),
    // who may not know it does not ask again and again
    refetchInterval: ({ state }) => (typeof state.data === "string" ? false : EVERY_MS),
  });
  // what was known before the service stopped answering says nothing of now
  const told = operations.isError ? "away" : operations.data;
  return (
    <div className="mx-auto grid w-full max-w-[80rem] gap-4">
      <div className="flex flex-wrap items-baseline gap-x-4">
        <Title>{t.operations.title}</Title>
        {health.isSuccess && <p className="text-sm text-muted">{t.operations.refreshed(time(health.dataUpdatedAt))}</p>}
      </div>
      {health.isError && <ProblemNotice error={health.error} onRetry={health.refetch} />}
      {operations.isError && <ProblemNotice error={operations.error} onRetry={operations.refetch} />}
      <div className="grid items-start gap-4 md:grid-cols-2 xl:grid-cols-3">
        <HealthSection health={health.isError ? undefined : health.data} isAway={health.isError} />
        <EventsSection told={told} />
        <JobsSection told={told} />
      </div>
    </div>
  );
}

function HealthSection({ health, isAway }: { health: Health | undefined; isAway: boolean }) {
  const { t } = useLocale();
  const parts = Object.entries(health?.parts ?? {});
  return (
    <Section title={t.operations.health}>
      <dl>
        <State name={t.operations.overall} state={health?.status} />
        {parts.map(([name, state]) => (
          <State key={name} name={t.operations.parts[name] ?? name.replaceAll("_", " ")} state={state} />
        ))}
      </dl>
      <Why told={isAway ? "away" : undefined} />
    </Section>
  );
}

const LOOKS: Record<string, string> = { ok: "text-good", degraded: "text-warn", down: "text-danger" };
const MARKS: Record<string, string> = { ok: "●", degraded: "▲", down: "■" };

function State({ name, state }: { name: string; state: string | undefined }) {
  const { t } = useLocale();
  return (
    <Line name={name}>
      <span className={`font-semibold ${LOOKS[state ?? ""] ?? ""}`}>
        <span aria-hidden="true">{MARKS[state ?? ""]} </span>
        {state ? (t.operations.states[state] ?? state) : t.common.notAvailable}
      </span>
    </Line>
  );
}

/** Undefined until the service has answered. */
type Told = Operations | Reason | undefined;

function Why({ told }: { told: Told }) {
  const { t } = useLocale();
  return typeof told === "string" && <p className="text-sm text-muted">{t.operations.whyNot[told]}</p>;
}

function EventsSection({ told }: { told: Told }) {
  const { t, number, duration } = useLocale();
  const events = typeof told === "object" ? told.events : undefined;
  const shown = (value: number | undefined) => (value === undefined ? t.common.notAvailable : number(value));
  return (
    <Section title={t.operations.events}>
      <dl>
        <Line name={t.operations.backlog}>{shown(events?.backlog)}</Line>
        <Line name={t.operations.oldest}>{events ? duration(events.oldest_seconds) : t.common.notAvailable}</Line>
        <Line name={t.operations.refused}>{shown(events?.refused)}</Line>
        <Line name={t.operations.quarantined}>{shown(events?.quarantined)}</Line>
      </dl>
      <Why told={told} />
    </Section>
  );
}

function JobsSection({ told }: { told: Told }) {
  const { t } = useLocale();
  const jobs = typeof told === "object" ? told.jobs : undefined;
  return (
    <Section title={t.operations.jobs}>
      {jobs === undefined && <p>{t.common.notAvailable}</p>}
      {jobs?.length === 0 && <p>{t.operations.noJobs}</p>}
      <dl>
        {jobs?.map((job) => (
          <Line key={job.name} name={job.name}>
            <JobState job={job} />
          </Line>
        ))}
      </dl>
      <Why told={told} />
    </Section>
  );
}

function JobState({ job }: { job: Operations["jobs"][number] }) {
  const { t, ago } = useLocale();
  const success = job.last_success_at;
  return (
    <>
      {job.last_exit_code && job.last_finished_at ? (
        <p className={`font-semibold ${LOOKS["down"]}`} title={job.last_finished_at}>
          {t.operations.failed(ago(Date.parse(job.last_finished_at)), job.last_exit_code)}
        </p>
      ) : null}
      {success ? <p title={success}>{t.operations.succeeded(ago(Date.parse(success)))}</p> : <p>{t.operations.never}</p>}
    </>
  );
}

function Line({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex flex-wrap justify-between gap-x-4 border-b border-line py-2 last:border-0">
      <dt className="text-muted">{name}</dt>
      <dd className="font-medium">{children}</dd>
    </div>
  );
}
