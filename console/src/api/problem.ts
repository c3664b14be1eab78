import { serverNow } from "./server-clock";

export interface Fault {
  pointer?: string;
  parameter?: string;
  detail: string;
}

/** What went wrong with a call. `slug` names the kind: that of the API's problem type, or "unreachable" or "slow". */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly slug: string,
    readonly detail: string,
    readonly faults: Fault[] = [],
    /** Seconds to wait, where the reply says so. */
    readonly retryAfter: number | null = null,
    readonly traceId: string | null = null,
  ) {
    super(`${status} ${slug}`);
  }
}

interface ProblemDocument {
  type?: string;
  detail?: string;
  errors?: Fault[];
  trace_id?: string;
}

/** The problem that a reply tells of; proxies may answer in another form, and are taken by their status alone. */
export async function problemOf(response: Response): Promise<Problem> {
  const document = (await response.json().catch(() => ({}))) as ProblemDocument;
  const slug = document.type?.replace("/problems/", "") ?? `status-${response.status}`;
  return new Problem(
    response.status,
    slug,
    document.detail ?? "",
    document.errors ?? [],
    secondsOf(response.headers.get("Retry-After")),
    document.trace_id ?? response.headers.get("X-Request-ID"),
  );
}

/** The seconds of a Retry-After header (RFC 9110), which may also name the moment; null for neither. */
export function secondsOf(header: string | null): number | null {
  if (/^\s*\d+\s*$/.test(header ?? "")) return Number(header);
  const moment = Date.parse(header ?? "");
  return Number.isNaN(moment) ? null : Math.max(0, Math.ceil((moment - serverNow()) / 1000));
}

/**
 * The faults that are about this field or a part of it, by their JSON Pointers, and the problem with the others; null
 * where the field tells all of it.
 */
export function faultsAt(error: unknown, field: string): { own: Fault[]; rest: Problem | null } {
  if (!error) return { own: [], rest: null };
  const problem = asProblem(error);
  const isOwn = ({ pointer = "" }: Fault) => pointer === `/${field}` || pointer.startsWith(`/${field}/`);
  const own = problem.faults.filter(isOwn);
  if (own.length === 0) return { own, rest: problem };
  const others = problem.faults.filter((fault) => !isOwn(fault));
  const { status, slug, detail, retryAfter, traceId } = problem;
  return { own, rest: others.length ? new Problem(status, slug, detail, others, retryAfter, traceId) : null };
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, "internal", String(error));
}

/** Whether it was given up by whoever asked, and nothing went wrong. */
export function isGivenUp(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
