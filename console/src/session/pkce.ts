import { guarded } from "../api/guarded";
import { Problem } from "../api/problem";

const KEY = "bee.signing-in";

export interface Flow {
  authorize: string;
  token: string;
}

interface Begun {
  state: string;
  verifier: string;
  token: string;
  back: string;
}

/** How the auth service signs people in (RFC 8414), null where it offers no such way. */
export async function discover(service: string): Promise<Flow | null> {
  const base = service.replace(/\/$/, "");
  const response = await guarded(`${base}/.well-known/oauth-authorization-server`, {});
  if (!response.ok) return null;
  const offered = (await response.json()) as Record<string, unknown>;
  const flow = { authorize: String(offered["authorization_endpoint"]), token: String(offered["token_endpoint"]) };
  const isOfService = Object.values(flow).every((address) => URL.canParse(address) && new URL(address).origin === new URL(base).origin);
  const challenges = offered["code_challenge_methods_supported"];
  return isOfService && Array.isArray(challenges) && challenges.includes("S256") ? flow : null;
}

/** Where to send the browser; what the way back is checked with stays in the storage of this tab. */
export async function begin(flow: Flow, clientId: string, back: string): Promise<string> {
  const begun: Begun = { state: random(), verifier: random(), token: flow.token, back };
  sessionStorage.setItem(KEY, JSON.stringify(begun));
  const address = new URL(flow.authorize);
  const asked = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri(),
    state: begun.state,
    code_challenge: await challengeOf(begun.verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  return address.href;
}

/** Where a sign-in that begins on this path leads back to; on the way back itself that is where the one before began. */
export function backFrom(path: string): string {
  return /^\/console\/signed-in\b/.test(path) ? (begunBefore()?.back ?? "/console") : path;
}

function begunBefore(): Partial<Begun> | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Partial<Begun> | null;
  } catch {
    return null;
  }
}

/** The token for the code that came back, and where the person was; throws a Problem for an answer to nothing asked. */
export async function finish(search: string, clientId: string): Promise<{ token: string; back: string }> {
  const begun = begunBefore();
  // what was asked for is over; should it fail, the next sign-in still leads back to where one was
  sessionStorage.setItem(KEY, JSON.stringify({ back: begun?.back ?? "/console" }));
  const given = new URLSearchParams(search);
  const code = given.get("code");
  if (!begun?.verifier || !begun.token || !code || given.get("state") !== begun.state) throw new Problem(0, "sign-in", given.get("error") ?? "");
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    client_id: clientId,
    redirect_uri: redirectUri(),
    code_verifier: begun.verifier,
  });
  const response = await guarded(begun.token, { method: "POST", body });
  const answered = (await response.json().catch(() => ({}))) as { access_token?: string; error?: string };
  if (!response.ok || !answered.access_token) throw new Problem(response.status, "sign-in", answered.error ?? "");
  sessionStorage.removeItem(KEY);
  return { token: answered.access_token, back: begun.back ?? "/console" };
}

function redirectUri(): string {
  return `${location.origin}/console/signed-in`;
}

function random(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

export async function challengeOf(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
