import { isGivenUp } from "./problem";

/** How long the service's word on a token is relied on. */
const TRUSTED_MS = 60_000;
/** Without its word the others try at once, and not one after the other. */
const SILENT_MS = 1_000;

/**
 * One call finds out for all others whether the service takes a token, which may be over without a sign of it: a dead one
 * is refused once, and not once for each call. The service counts refusals, and stops listening to who has many.
 */
export class Trial {
  private trusted: string | null = null;
  private until = 0;
  private underWay: Promise<void> | null = null;

  /** The reply to `send`; null where another call was the first, and what it found is to be looked at before sending. */
  async pass(token: string, send: () => Promise<Response>): Promise<Response | null> {
    if (this.trusted === token && Date.now() < this.until) return this.hear(token, await send());
    if (this.underWay) return (await this.underWay, null);
    const asked = send();
    this.underWay = asked.then(
      (response) => void this.hear(token, response),
      (error) => void (isGivenUp(error) || this.trust(token, SILENT_MS)),
    );
    try {
      return await asked;
    } finally {
      this.underWay = null;
    }
  }

  private hear(token: string, response: Response): Response {
    const { status } = response;
    if (status !== 401) this.trust(token, status === 429 || status >= 500 ? SILENT_MS : TRUSTED_MS);
    return response;
  }

  private trust(token: string, forMs: number): void {
    this.until = Math.max(Date.now() + forMs, this.trusted === token ? this.until : 0);
    this.trusted = token;
  }
}
