import { useQuery } from "@tanstack/react-query";
import { guarded } from "../api/guarded";
import { Problem, problemOf } from "../api/problem";
import { ProblemNotice } from "../parts/notice";
import { Section } from "../parts/section";
import { Title } from "../parts/title";
import { useLocale } from "../texts/locale";
import { type Job, jobsOf, type Sample, samplesOf, sumOf } from "./metrics";

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
type Reason = "closed" | "off" | "away" | "unnamed";
const REFUSALS: Record<number, Reason> = { 401: "closed", 403: "closed", 404: "off" };

/** The samples, or why the service gives none to browsers. */
async function askMetrics(signal: AbortSignal): Promise<Sample[] | Reason> {
  const response = await guarded("/metrics", { cache: "no-store" }, signal);
  const text = await response.clone().text();
  const refusal = REFUSALS[response.status];
  if (refusal) return refusal;
  if (!response.ok) throw await problemOf(response);
  return samplesOf(text);
}

export function OperationsPage() {
  const { t, time } = useLocale();
  const health = useQuery({ queryKey: ["health"], queryFn: ({ signal }) => askHealth(signal), refetchInterval: EVERY_MS });
  const metrics = useQuery({
    queryKey: ["metrics"],
    queryFn: ({ signal }) => askMetrics(signal),
    // who was refused does not ask again and again: the service counts refusals
    refetchInterval: ({ state }) => (typeof state.data === "string" ? false : EVERY_MS),
    staleTime: ({ state }) => (typeof state.data === "string" ? Infinity : 0),
  });
  const told = metrics.isError ? "away" : (metrics.data ?? null);
  return (
    <div className="mx-auto grid w-full max-w-[80rem] gap-4">
      <div className="flex flex-wrap items-baseline gap-x-4">
        <Title>{t.operations.title}</Title>
        {health.isSuccess && <p className="text-sm text-muted">{t.operations.refreshed(time(health.dataUpdatedAt))}</p>}
      </div>
      {health.isError && <ProblemNotice error={health.error} onRetry={health.refetch} />}
      {metrics.isError && <ProblemNotice error={metrics.error} onRetry={metrics.refetch} />}
      <div className="grid items-start gap-4 md:grid-cols-2 xl:grid-cols-3">
        {/* what was known before the service stopped answering says nothing of now */}
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
      {isAway && <Why reason="away" />}
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

/** What the service told of itself; null until it has. */
type Told = Sample[] | Reason | null;

function Why({ reason }: { reason: Reason }) {
  const { t } = useLocale();
  return <p className="text-sm text-muted">{t.operations.whyNot[reason]}</p>;
}

function EventsSection({ told }: { told: Told }) {
  const { t, number, duration } = useLocale();
  const samples = Array.isArray(told) ? told : [];
  const backlog = sumOf(samples, "bee_customers_events_backlog");
  const oldest = sumOf(samples, "bee_customers_events_oldest_seconds");
  return (
    <Section title={t.operations.events}>
      <dl>
        <Line name={t.operations.backlog}>{backlog === null ? t.common.notAvailable : number(backlog)}</Line>
        <Line name={t.operations.oldest}>{oldest === null ? t.common.notAvailable : duration(oldest)}</Line>
      </dl>
      {typeof told === "string" ? <Why reason={told} /> : told && backlog === null && <Why reason="unnamed" />}
    </Section>
  );
}

function JobsSection({ told }: { told: Told }) {
  const { t } = useLocale();
  const jobs = Array.isArray(told) ? jobsOf(told) : null;
  return (
    <Section title={t.operations.jobs}>
      {jobs === null && <p>{t.common.notAvailable}</p>}
      {typeof told === "string" && <Why reason={told} />}
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

function JobState({ job }: { job: Job }) {
  const { t, ago } = useLocale();
  return (
    <>
      {job.exitCode ? <span className={`mr-3 font-semibold ${LOOKS["down"]}`}>{t.operations.failed(job.exitCode)}</span> : null}
      {job.lastSuccess === null ? t.operations.never : <span title={new Date(job.lastSuccess).toISOString()}>{ago(job.lastSuccess)}</span>}
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
