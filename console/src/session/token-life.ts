import { guarded } from "../api/guarded";
import { serverNow } from "../api/server-clock";
import { claimsOf } from "./claims";

/** Something of the service that anybody may read, for its clock. */
const TIME = "/console/sign-in.json";

/** Whether a token is over by the clock of the service, which is asked before ours is believed. */
export async function isDead(token: string): Promise<boolean> {
  const { exp } = claimsOf(token);
  if (typeof exp !== "number" || serverNow() < exp * 1000) return false;
  await guarded(TIME, { cache: "no-store" }).catch(() => undefined);
  return serverNow() >= exp * 1000;
}
