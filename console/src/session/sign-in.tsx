import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useId, useState } from "react";
import { guarded } from "../api/guarded";
import { problemOf } from "../api/problem";
import { Button } from "../parts/button";
import { ProblemNotice } from "../parts/notice";
import { letLeave } from "../parts/under-way";
import { go } from "../router";
import { useLocale } from "../texts/locale";
import { enter, enterQuickly } from "./enter";
import { backFrom, begin, discover, finish, type Flow } from "./pkce";
import { useToken } from "./session";

interface Offer {
  client_id: string;
  is_pasting_allowed: boolean;
  flow: Flow | null;
}

async function askOffer(signal: AbortSignal): Promise<Offer> {
  const response = await guarded("/console/sign-in.json", {}, signal);
  if (!response.ok) throw await problemOf(response);
  const told = (await response.json()) as Omit<Offer, "flow"> & { auth_service_url: string | null };
  const flow = told.auth_service_url ? await discover(told.auth_service_url) : null;
  return { ...told, flow };
}

function useOffer() {
  return useQuery({ queryKey: ["sign-in"], queryFn: ({ signal }) => askOffer(signal), staleTime: Infinity });
}

/** The ways in: by the auth service, or in development by a token that is pasted. */
export function SignIn() {
  const { t } = useLocale();
  const offer = useOffer();
  if (offer.isError) return <ProblemNotice error={offer.error} onRetry={offer.refetch} />;
  if (!offer.data) return <p role="status">{t.signIn.looking}</p>;
  const { flow, client_id: clientId, is_pasting_allowed: isPasting } = offer.data;
  return (
    <div className="grid gap-4">
      {flow && <ByService flow={flow} clientId={clientId} />}
      {isPasting && <ByToken />}
      {!flow && !isPasting && <p>{t.signIn.noWay}</p>}
    </div>
  );
}

function ByService({ flow, clientId }: { flow: Flow; clientId: string }) {
  const { t } = useLocale();
  async function leave() {
    letLeave(); // what is typed is there again on the way back
    location.assign(await begin(flow, clientId, backFrom(location.pathname + location.search)));
  }
  return (
    <Button look="main" onClick={leave}>
      {t.signIn.withService}
    </Button>
  );
}

function ByToken() {
  const { t } = useLocale();
  const [field, hint] = [useId(), useId()];
  const [typed, setTyped] = useState("");
  const [isWrong, setWrong] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function use(event: FormEvent) {
    event.preventDefault();
    const token = typed.trim();
    setWrong(!isToken(token));
    setError(null);
    if (isBusy || !isToken(token)) return;
    setBusy(true);
    await enter(token).catch(setError);
    setBusy(false);
  }
  return (
    <form onSubmit={use} className="grid gap-2">
      <label htmlFor={field}>{t.signIn.token}</label>
      <textarea
        id={field}
        rows={4}
        autoFocus
        spellCheck={false}
        autoComplete="off"
        value={typed}
        aria-invalid={isWrong}
        aria-describedby={hint}
        onChange={(event) => setTyped(event.target.value)}
        className="control break-all"
      />
      <p id={hint} role={isWrong ? "alert" : undefined} className={`text-sm ${isWrong ? "text-danger" : "text-muted"}`}>
        {isWrong ? t.signIn.notToken : t.signIn.tokenHint}
      </p>
      {error !== null && <ProblemNotice error={error} />}
      <Button type="submit" look="main" aria-disabled={isBusy}>
        {isBusy ? t.signIn.returning : t.signIn.use}
      </Button>
    </form>
  );
}

export function isToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

function goBack(address: string): void {
  go(address.replace(/^\/console/, "") || "/", { replace: true });
}

/** /console/signed-in: where the auth service sends the browser back to. */
export function Returning() {
  const { t } = useLocale();
  const offer = useOffer();
  const [error, setError] = useState<unknown>(null);
  const clientId = offer.data?.client_id;
  useEffect(() => {
    if (!clientId) return;
    finish(location.search, clientId)
      .then(async ({ token, back }) => {
        await enterQuickly(token);
        goBack(back);
      })
      .catch(setError);
  }, [clientId]);
  const token = useToken();
  const [tokenBefore] = useState(token);
  useEffect(() => {
    // another way in was taken after this one had failed
    if (error && token !== tokenBefore) goBack(backFrom(location.pathname));
  }, [error, token, tokenBefore]);
  if (error || offer.isError) {
    return (
      <div className="grid gap-4">
        <ProblemNotice error={error ?? offer.error} />
        <SignIn />
      </div>
    );
  }
  return <p role="status">{t.signIn.returning}</p>;
}
