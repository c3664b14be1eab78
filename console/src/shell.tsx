import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { forgetDrafts } from "./api/use-draft";
import { isUnsaved } from "./customer/unsaved";
import { Boundary } from "./parts/boundary";
import { Button } from "./parts/button";
import { Modal } from "./parts/modal";
import { NewsLine } from "./parts/news";
import { PauseLine } from "./parts/pause-line";
import { isUnderWay, useAskWhere } from "./parts/under-way";
import { lastList, Link, useAddress } from "./router";
import { session, useToken } from "./session/session";
import { type Language, useLocale } from "./texts/locale";
import { applyTheme, chosenTheme, type Theme, THEMES } from "./theme";

/** What stands around every page. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useLocale();
  useAskWhere(isUnsaved);
  return (
    <div className="flex h-dvh flex-col">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:z-20 focus:bg-surface focus:p-2">
        {t.skip}
      </a>
      <header className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-surface px-3 py-1.5 sm:px-5">
        <span className="hidden font-semibold tracking-tight sm:inline">{t.name}</span>
        <Navigation />
        <div className="ml-auto flex items-center gap-2">
          <Preferences />
          <SignOut />
        </div>
      </header>
      <main id="content" tabIndex={-1} className="flex min-h-0 flex-1 flex-col overflow-y-auto px-3 py-3 outline-none has-data-tagging:scroll-pb-32 sm:px-5">
        <PauseLine />
        <Boundary>{children}</Boundary>
      </main>
      <NewsLine />
    </div>
  );
}

function Navigation() {
  const { t } = useLocale();
  const { path } = useAddress();
  const isSignedIn = useToken() !== null;
  if (!isSignedIn) return null;
  const look = "rounded-md px-2 py-1.5 hover:bg-sunken aria-[current]:bg-sunken aria-[current]:font-semibold";
  return (
    <nav aria-label={t.nav.main} className="-ml-2 flex gap-1">
      <Link to={lastList} className={look} isCurrent={path === "/" || path.startsWith("/customers")}>
        {t.nav.customers}
      </Link>
      <Link to="/operations" className={look} isCurrent={path === "/operations"}>
        {t.nav.operations}
      </Link>
    </nav>
  );
}

function Preferences() {
  const { t, language, choose } = useLocale();
  const [theme, setTheme] = useState(chosenTheme);
  function wear(chosen: Theme) {
    applyTheme(chosen);
    setTheme(chosen);
  }
  return (
    <>
      <Small label={t.shell.language} value={language} onChoose={(value) => choose(value as Language)} options={{ en: "EN", ro: "RO" }} />
      <Small
        label={t.shell.theme}
        value={theme}
        onChoose={(value) => wear(value as Theme)}
        options={Object.fromEntries(THEMES.map((one) => [one, t.shell.themes[one]]))}
      />
    </>
  );
}

function Small(props: { label: string; value: string; onChoose: (value: string) => void; options: Record<string, string>; className?: string }) {
  const field = useId();
  return (
    <>
      <label htmlFor={field} className="sr-only">
        {props.label}
      </label>
      <select id={field} value={props.value} onChange={(event) => props.onChoose(event.target.value)} className={`control min-h-8! py-0! text-sm ${props.className ?? ""}`}>
        {Object.entries(props.options).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </>
  );
}

function SignOut() {
  const { t } = useLocale();
  const client = useQueryClient();
  const isSignedIn = useToken() !== null;
  const [asked, setAsked] = useState<Stake | null>(null);
  function leave() {
    setAsked(null);
    forgetDrafts();
    session.signOut();
    client.clear();
  }
  function begin() {
    const stake = isUnderWay() ? "underWay" : isUnsaved() ? "unsaved" : null;
    if (stake) setAsked(stake);
    else leave();
  }
  if (!isSignedIn) return null;
  return (
    <>
      <Button look="quiet" onClick={begin}>
        {t.shell.signOut}
      </Button>
      {asked && <LeavingDialog stake={asked} onStay={() => setAsked(null)} onLeave={leave} />}
    </>
  );
}

/** What a sign-out would end or forget. */
type Stake = "underWay" | "unsaved";

function LeavingDialog({ stake, onStay, onLeave }: { stake: Stake; onStay: () => void; onLeave: () => void }) {
  const { t } = useLocale();
  return (
    <Modal title={t.leaving.titles[stake]} onClose={onStay}>
      <p className="mb-4">{t.leaving.texts[stake]}</p>
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="main" onClick={onStay}>
          {t.leaving.stay}
        </Button>
        <Button look="danger" onClick={onLeave}>
          {t.leaving.leave}
        </Button>
      </div>
    </Modal>
  );
}
