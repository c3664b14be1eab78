import { useInfiniteQuery } from "@tanstack/react-query";
import type { ChangeEvent } from "../api/types";
import { Button } from "../parts/button";
import { ProblemNotice } from "../parts/notice";
import { Section } from "../parts/section";
import { useLocale } from "../texts/locale";
import { type Change, withBefore } from "./changes";
import { pagedOptions } from "./queries";

const MONEY = new Set(["lifetime_value", "average_order_value"]);
const DATES = new Set(["first_order_date", "last_order_date"]);

export function Timeline({ id }: { id: string }) {
  const { t } = useLocale();
  const events = useInfiniteQuery(pagedOptions<ChangeEvent>(id, "events", 20));
  const shown = events.data?.pages.flatMap((page) => page.data) ?? [];
  const changes = withBefore(shown);
  return (
    <Section title={t.timeline.title}>
      {events.isError && <ProblemNotice error={events.error} onRetry={events.refetch} />}
      {events.isSuccess && shown.length === 0 && <p className="text-muted">{t.timeline.empty}</p>}
      <ol>
        {shown.map((event, index) => (
          <EventItem key={event.id} event={event} changes={changes[index] ?? []} />
        ))}
      </ol>
      {events.hasNextPage && <Button onClick={() => events.fetchNextPage()}>{t.common.more}</Button>}
    </Section>
  );
}

function EventItem({ event, changes }: { event: ChangeEvent; changes: Change[] }) {
  const { t, dateTime } = useLocale();
  const type = event.type ?? "";
  return (
    <li className="border-t border-line py-2 first:border-0">
      <p className="flex flex-wrap justify-between gap-x-3">
        <strong className="font-medium">{t.timeline.types[type] ?? type}</strong>
        <time dateTime={event.occurred_at} className="text-sm text-muted">
          {event.occurred_at && dateTime(event.occurred_at)}
        </time>
      </p>
      <ul className="text-sm">
        {changes
          .filter(({ field }) => field !== "user_id")
          .map((change) => (
            <ChangeLine key={change.field} change={change} />
          ))}
      </ul>
      {event.actor && <p className="text-sm [overflow-wrap:anywhere] text-muted">{t.timeline.by(event.actor)}</p>}
    </li>
  );
}

function ChangeLine({ change }: { change: Change }) {
  const { t } = useLocale();
  const texts: Record<string, string> = { ...t.stats, ...t.fields };
  const show = useValueText(change.field);
  return (
    <li className="[overflow-wrap:anywhere]">
      <span className="text-muted">{texts[change.field] ?? change.field}: </span>
      {change.before !== undefined && <del className="text-muted">{show(change.before)}</del>}
      {change.before !== undefined && " → "}
      {show(change.after)}
    </li>
  );
}

/** A value as people write it in the language that is on. */
function useValueText(field: string): (value: unknown) => string {
  const { t, money, date } = useLocale();
  return (value) => {
    const parts = [value ?? []].flat().map(String);
    if (parts.length === 0 || parts[0] === "") return t.timeline.nothing;
    if (MONEY.has(field)) return money(parts[0] ?? "");
    if (DATES.has(field)) return date(parts[0] ?? "");
    return parts.map((part) => (field === "gender" && t.genders[part]) || part).join(", ");
  };
}
