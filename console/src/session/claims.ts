/** What a token says about who holds it; read for display and to spare calls, since only the service can check it. */
export interface Claims {
  sub?: string;
  /** Seconds since 1970. */
  exp?: number;
  role?: string;
  roles?: string[];
  business_id?: string | string[];
}

export function claimsOf(token: string | null): Claims {
  try {
    const payload = (token ?? "").split(".")[1] ?? "";
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
  } catch {
    return {};
  }
}

/** The businesses that the token is limited to; none means all of them. */
export function businessesOf(token: string | null): string[] {
  return [claimsOf(token).business_id ?? []].flat();
}

/** Who holds a token, and for which businesses: the same text for tokens that may stand for each other. */
export function personOf(token: string | null): string {
  return JSON.stringify([claimsOf(token).sub ?? null, businessesOf(token).sort()]);
}
