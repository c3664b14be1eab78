import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import type { Reply } from "../api/call";
import { forgetDrafts } from "../api/use-draft";
import type { Customer } from "../api/types";
import { Button } from "../parts/button";
import { ProblemNotice } from "../parts/notice";
import { Section } from "../parts/section";
import { Title } from "../parts/title";
import { go, isListBehind, lastList, Link } from "../router";
import { useLocale } from "../texts/locale";
import { Avatar } from "./avatar";
import { Deletion } from "./deletion";
import { EditableField } from "./editable-field";
import { Notes } from "./notes";
import { PrivacyRequests } from "./privacy";
import { customerOptions } from "./queries";
import { StatsSection } from "./stats";
import { CustomerTags } from "./tags";
import { Timeline } from "./timeline";
import { isGone } from "./use-change";

export function CustomerPage({ id }: { id: string }) {
  const { t } = useLocale();
  const customer = useQuery(customerOptions(id));
  const reply = customer.data;
  if (isGone(customer.error)) return <Gone id={id} wasThere={reply !== undefined} />;
  return (
    <div className="mx-auto grid w-full max-w-[100rem] grid-cols-1 gap-4">
      <div className="flex flex-wrap items-center gap-x-4">
        <Back />
        <Title plain={t.profile.title}>{reply?.data.full_name ?? t.profile.one}</Title>
      </div>
      {customer.isPending && <p role="status">{t.common.loading}</p>}
      {customer.isError && <ProblemNotice error={customer.error} onRetry={customer.refetch} />}
      {reply && <Sections id={id} reply={reply} />}
    </div>
  );
}

function Sections({ id, reply }: { id: string; reply: Reply<Customer> }) {
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2 2xl:grid-cols-3">
      <Column>
        <Profile reply={reply} />
        <CustomerTags customer={reply.data} />
        <Avatar customer={reply.data} />
      </Column>
      <Column>
        <StatsSection id={id} />
        <Notes id={id} />
      </Column>
      <Column>
        <Timeline id={id} />
        <PrivacyRequests id={id} />
        <Deletion reply={reply} />
      </Column>
    </div>
  );
}

function Column({ children }: { children: ReactNode }) {
  return <div className="grid min-w-0 grid-cols-1 gap-4">{children}</div>;
}

/** One step back where the list lies behind, so that it is where it was. */
function Back() {
  const { t } = useLocale();
  return isListBehind() ? (
    <Button look="quiet" className="-ml-3" onClick={() => history.back()}>
      <span aria-hidden="true">←</span> {t.profile.back}
    </Button>
  ) : (
    <Link to={lastList} className="text-accent">
      {t.profile.back}
    </Link>
  );
}

function Profile({ reply }: { reply: Reply<Customer> }) {
  const { t, dateTime } = useLocale();
  const customer = reply.data;
  return (
    <Section title={t.profile.title}>
      <dl>
        <EditableField reply={reply} field="full_name" isRequired />
        {/* type="email" would write addresses anew, and refuse some that the service takes */}
        <EditableField reply={reply} field="email" inputMode="email" />
        <EditableField reply={reply} field="phone" type="tel" />
        <EditableField reply={reply} field="gender" choices={t.genders} />
        <Fixed name="business_id">{customer.business_id}</Fixed>
        <Fixed name="user_id">{customer.user_id ?? t.common.none}</Fixed>
        <Fixed name="id">{customer.id}</Fixed>
        <Fixed name="created_at">{dateTime(customer.created_at)}</Fixed>
        <Fixed name="updated_at">{dateTime(customer.updated_at)}</Fixed>
      </dl>
    </Section>
  );
}

function Fixed({ name, children }: { name: string; children: ReactNode }) {
  const { t } = useLocale();
  return (
    <div className="grid gap-x-3 border-b border-line py-2 last:border-0 sm:grid-cols-[8rem_1fr]">
      <dt className="text-muted">{t.fields[name]}</dt>
      <dd className="[overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}

/** What was typed about a customer who is gone can be saved nowhere any more. */
function Gone({ id, wasThere }: { id: string; wasThere: boolean }) {
  const { t } = useLocale();
  useEffect(() => forgetDrafts(id), [id]);
  return (
    <div className="grid justify-items-start gap-3">
      <Title>{t.profile.title}</Title>
      <p role="status">{wasThere ? t.profile.goneMeanwhile : t.profile.gone}</p>
      <Button onClick={() => go(lastList)}>{t.profile.back}</Button>
    </div>
  );
}
