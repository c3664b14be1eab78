import { guarded } from "../api/guarded";
import { pauses } from "../api/pauses";
import { Problem, problemOf } from "../api/problem";
import { personOf } from "./claims";
import { session } from "./session";
import { isDead } from "./token-life";

const PROBE = "/v1/customers";

/**
 * Signs in with a token once the service has taken it; what is kept of another person is not touched before. Throws a
 * Problem where it is not taken, or that cannot be found out.
 */
export async function enter(token: string): Promise<void> {
  if (await isDead(token)) throw new Problem(401, "token-over", "");
  pauses.check(`GET ${PROBE}`);
  const response = await guarded(`${PROBE}?limit=1`, { headers: { Authorization: `Bearer ${token}` }, cache: "no-store" });
  if (response.status === 429) pauses.learn(`GET ${PROBE}`, response);
  if (response.status === 401) throw new Problem(401, "token-refused", "");
  // who may not list customers is somebody all the same
  if (!response.ok && response.status !== 403) throw await problemOf(response);
  session.signIn(token);
}

/** As `enter`, at once where nothing of another person is at stake. */
export async function enterQuickly(token: string): Promise<void> {
  if (session.token === null || personOf(session.token) === personOf(token)) session.signIn(token);
  else await enter(token);
}
