import { QueryClientProvider } from "@tanstack/react-query";
import { client } from "./api/query-client";
import { forgetDrafts } from "./api/use-draft";
import { CustomerPage } from "./customer/page";
import { ListWorkProvider } from "./customers/list-work";
import { CustomersPage } from "./customers/page";
import { TaggingBar } from "./customers/tagging-bar";
import { OperationsPage } from "./operations/page";
import { Boundary } from "./parts/boundary";
import { Modal } from "./parts/modal";
import { Title } from "./parts/title";
import { Link, useAddress } from "./router";
import { Returning, SignIn } from "./session/sign-in";
import { personOf, session, useIsOver, useToken } from "./session/session";
import { Shell } from "./shell";
import { en } from "./texts/en";
import { LocaleProvider, useLocale } from "./texts/locale";
import { ro } from "./texts/ro";

session.onOther = () => {
  forgetDrafts();
  client.clear();
};

export function App() {
  return (
    <Boundary fallback={<Bare />}>
      <QueryClientProvider client={client}>
        <LocaleProvider>
          <Shell>
            <Content />
          </Shell>
        </LocaleProvider>
      </QueryClientProvider>
    </Boundary>
  );
}

/** What is left where not even the frame of the page holds: in both languages, for neither is chosen. */
function Bare() {
  return (
    <div role="alert" className="grid gap-3 p-6">
      {[en, ro].map(({ shell }) => (
        <p key={shell.broken}>{shell.broken}</p>
      ))}
      <a href="/console" className="underline">
        {en.shell.reload} / {ro.shell.reload}
      </a>
    </div>
  );
}

function Content() {
  const { t } = useLocale();
  const { path } = useAddress();
  const [token, isOver] = [useToken(), useIsOver()];
  if (path === "/signed-in") return <Alone title={t.signIn.title}>{<Returning />}</Alone>;
  if (token === null) return <Alone title={t.signIn.title}>{<SignIn />}</Alone>;
  return (
    // of another person nothing on the page stays
    <ListWorkProvider key={personOf(token)}>
      <Boundary key={path}>
        <Page path={path} />
      </Boundary>
      <TaggingBar />
      {isOver && (
        <Modal title={t.signIn.again}>
          <p className="mb-3">{t.signIn.keeps}</p>
          <SignIn />
        </Modal>
      )}
    </ListWorkProvider>
  );
}

function Page({ path }: { path: string }) {
  const { t } = useLocale();
  // an id may be written in capitals, and is the same
  const customer = /^\/customers\/([0-9a-f-]{36})$/i.exec(path)?.[1]?.toLowerCase();
  if (path === "/" || path === "/customers") return <CustomersPage />;
  if (customer) return <CustomerPage key={customer} id={customer} />;
  if (path === "/operations") return <OperationsPage />;
  return (
    <div className="grid gap-3">
      <Title>{t.shell.notFound}</Title>
      <Link to="/" className="text-accent underline">
        {t.shell.toCustomers}
      </Link>
    </div>
  );
}

function Alone({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="panel mx-auto mt-[8vh] w-full max-w-md p-6">
      <div className="mb-4">
        <Title>{title}</Title>
      </div>
      {children}
    </div>
  );
}
