import { asProblem } from "./problem";

/** Whether the same call may succeed a moment later: no answer at all, one from a service in trouble, or "not now". */
export function mayPass(error: unknown): boolean {
  const { status } = asProblem(error);
  return status === 0 || status >= 500 || [408, 409, 425, 429].includes(status);
}
