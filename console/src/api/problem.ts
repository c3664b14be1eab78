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
  const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new Problem(
    response.status,
    slug,
    document.detail ?? "",
    document.errors ?? [],
    Number.isNaN(wait) ? null : wait,
    document.trace_id ?? response.headers.get("X-Request-ID"),
  );
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, "internal", String(error));
}
