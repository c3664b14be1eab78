let aheadMs = 0;

/** Takes the time out of a reply of the service, whose clock may be another one than this machine's. */
export function hearTime(response: Response): void {
  const told = Date.parse(response.headers.get("Date") ?? "");
  if (!Number.isNaN(told)) aheadMs = told - Date.now();
}

/** Milliseconds since 1970 by the clock of the service, or by our own until it was heard. */
export function serverNow(): number {
  return Date.now() + aheadMs;
}
