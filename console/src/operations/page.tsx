import { useQuery } from "@tanstack/react-query";
import { call, guarded } from "../api/call";
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

/** Events and jobs; null for who may not know of all businesses together. */
async function askOperations(signal: AbortSignal): Promise<Operations | null> {
  try {
    return (await call<Operations>("/v1/operations", { signal })).data;
  } catch (error) {
    if (error instanceof Problem && error.status === 403) return null;
    throw error;
  }
}

export function OperationsPage() {
  const { t, time } = useLocale();
  const health = useQuery({ queryKey: ["health"], queryFn: ({ signal }) => askHealth(signal), refetchInterval: EVERY_MS });
  const told = useQuery({ queryKey: ["operations"], queryFn: ({ signal }) => askOperations(signal), refetchInterval: EVERY_MS });
  // what was known before the service stopped answering says nothing of now
  const operations = told.isError ? null : told.data;
  return (
    <div className="mx-auto grid w-full max-w-[80rem] gap-4">
      <div className="flex flex-wrap items-baseline gap-x-4">
        <Title>{t.operations.title}</Title>
        {health.isSuccess && <p className="text-sm text-muted">{t.operations.refreshed(time(health.dataUpdatedAt))}</p>}
      </div>
      {health.isError && <ProblemNotice error={health.error} onRetry={health.refetch} />}
      {told.isError && <ProblemNotice error={told.error} onRetry={told.refetch} />}
      <div className="grid items-start gap-4 md:grid-cols-2 xl:grid-cols-3">
        <HealthSection health={health.isError ? undefined : health.data} />
        <EventsSection events={operations?.events} />
        <JobsSection jobs={operations?.jobs} />
      </div>
      {told.data === null && <p className="text-muted">{t.operations.notForSome}</p>}
    </div>
  );
}

function HealthSection({ health }: { health: Health | undefined }) {
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

function EventsSection({ events }: { events: Operations["events"] | undefined }) {
  const { t, number, duration } = useLocale();
  const told = (value: number | undefined) => (value === undefined ? t.common.notAvailable : number(value));
  return (
    <Section title={t.operations.events}>
      <dl>
        <Line name={t.operations.backlog}>{told(events?.backlog)}</Line>
        <Line name={t.operations.oldest}>{events ? duration(events.oldest_seconds) : t.common.notAvailable}</Line>
        <Line name={t.operations.refused}>{told(events?.refused)}</Line>
        <Line name={t.operations.quarantined}>{told(events?.quarantined)}</Line>
      </dl>
    </Section>
  );
}

function JobsSection({ jobs }: { jobs: Operations["jobs"] | undefined }) {
  const { t } = useLocale();
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
