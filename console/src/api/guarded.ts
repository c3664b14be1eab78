import { Problem } from "./problem";
import { hearTime } from "./server-clock";

const DEADLINE_MS = 20_000;

/** fetch with a deadline; every failure has a name. */
export async function guarded(address: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  try {
    const response = await fetch(address, { ...init, signal: signal ? AbortSignal.any([signal, deadline]) : deadline });
    if (address.startsWith("/")) hearTime(response);
    return response;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, deadline.aborted ? "slow" : "unreachable", "");
  }
}
