import { enterQuickly } from "./enter";
import { isToken } from "./sign-in";

/**
 * Signs in with the token of an address such as /console#token=..., as scripts/run prints one, and takes it out of the
 * address. The service accepts it or not like every other one, and it is used only where pasting is allowed.
 */
export async function signInFromFragment(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return;
  history.replaceState(null, "", location.pathname + location.search);
  const response = await fetch("/console/sign-in.json").catch(() => null);
  const offer = response?.ok ? ((await response.json()) as { is_pasting_allowed: boolean }) : null;
  if (offer?.is_pasting_allowed && isToken(token)) await enterQuickly(token);
}
