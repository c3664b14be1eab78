import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Order, Stats } from "../api/types";
import { ProblemNotice } from "../parts/notice";
import { Section } from "../parts/section";
import { type Formats, useLocale } from "../texts/locale";
import { byMonth, type Month } from "./months";
import { pagedOptions, statsOptions } from "./queries";

const MONTHS = 12;
const PAGES_MOST = 10;
const SHOWN: [keyof Stats & string, (formats: Formats, value: never) => string][] = [
  ["lifetime_value", (formats, value: string) => formats.money(value)],
  ["average_order_value", (formats, value: string) => formats.money(value)],
  ["total_orders", (formats, value: number) => formats.number(value)],
  ["total_bookings", (formats, value: number) => formats.number(value)],
  ["returned_orders", (formats, value: number) => formats.number(value)],
  ["return_rate", (formats, value: number) => formats.percent(value)],
  ["first_order_date", (formats, value: string) => formats.date(value)],
  ["last_order_date", (formats, value: string) => formats.date(value)],
];

export function StatsSection({ id }: { id: string }) {
  const locale = useLocale();
  const { t } = locale;
  const stats = useQuery(statsOptions(id));
  return (
    <Section title={t.stats.title}>
      {stats.isError && <ProblemNotice error={stats.error} onRetry={stats.refetch} />}
      {stats.data && (
        <dl className="mb-4 grid grid-cols-[repeat(auto-fill,minmax(8.5rem,1fr))] gap-x-4 gap-y-2">
          {SHOWN.map(([name, format]) => (
            <div key={name}>
              <dt className="text-sm text-muted">{t.stats[name as keyof typeof t.stats]}</dt>
              <dd className="font-semibold">{stats.data.data[name] === null ? t.common.none : format(locale, stats.data.data[name] as never)}</dd>
            </div>
          ))}
        </dl>
      )}
      <OrdersByMonth id={id} />
    </Section>
  );
}

function OrdersByMonth({ id }: { id: string }) {
  const { t, number, date } = useLocale();
  const orders = useInfiniteQuery(pagedOptions<Order>(id, "orders", 200));
  const found = orders.data?.pages.flatMap((page) => page.data) ?? [];
  const months = byMonth(found, new Date(), MONTHS, !orders.hasNextPage);
  const oldest = found.at(-1);
  const isMore = months.some((month) => !month.isWhole);
  const { fetchNextPage, isFetching } = orders;
  const pages = orders.data?.pages.length ?? 0;
  useEffect(() => {
    if (isMore && !isFetching && pages < PAGES_MOST) void fetchNextPage();
  }, [isMore, isFetching, pages, fetchNextPage]);
  if (orders.isError) return <ProblemNotice error={orders.error} onRetry={orders.refetch} />;
  if (!orders.isSuccess) return <p className="text-muted">{t.common.loading}</p>;
  if (!isMore && months.every((month) => month.orders === 0)) return <p className="text-muted">{t.stats.noOrders}</p>;
  return (
    <>
      <Chart months={months} />
      {isMore && oldest && (
        <p role="status" className="mt-1 text-sm text-warn">
          {pages < PAGES_MOST ? t.months.counting : t.months.cut(number(found.length), date(oldest.ordered_at))}
        </p>
      )}
    </>
  );
}

const [WIDTH, HEIGHT, BAR] = [360, 110, 22];

/** Bars for eyes, and the same numbers as a table for those who listen. */
function Chart({ months }: { months: Month[] }) {
  const { t, month: nameOf, number, money } = useLocale();
  const most = Math.max(...months.filter(({ isWhole }) => isWhole).map((month) => month.orders), 1);
  const step = WIDTH / months.length;
  return (
    <figure>
      <figcaption className="mb-1 text-sm text-muted">{t.stats.chart}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + 18}`} aria-hidden="true" className="w-full max-w-3xl">
        <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="stroke-edge" />
        {months.map(({ start, orders, amount, isWhole }, index) => {
          const height = isWhole ? (orders / most) * (HEIGHT - 16) : 0;
          const middle = index * step + step / 2;
          return (
            <g key={start.getTime()}>
              <title>{isWhole ? `${nameOf(start)}: ${orders}, ${money(amount)}` : `${nameOf(start)}: ${t.common.notAvailable}`}</title>
              <rect x={middle - BAR / 2} y={HEIGHT - height} width={BAR} height={height} rx="2" className="fill-accent" />
              {(!isWhole || orders > 0) && (
                <text x={middle} y={HEIGHT - height - 4} textAnchor="middle" className="fill-ink text-[10px]">
                  {isWhole ? orders : "?"}
                </text>
              )}
              <text x={middle} y={HEIGHT + 13} textAnchor="middle" className="fill-muted text-[10px]">
                {nameOf(start).split(/[ .]/)[0]}
              </text>
            </g>
          );
        })}
      </svg>
      <div className="sr-only">
      <table>
        <caption>{t.stats.chart}</caption>
        <thead>
          <tr>
            <th scope="col">{t.stats.month}</th>
            <th scope="col">{t.stats.orders}</th>
            <th scope="col">{t.stats.lifetime_value}</th>
          </tr>
        </thead>
        <tbody>
          {months.map(({ start, orders, amount, isWhole }) => (
            <tr key={start.getTime()}>
              <th scope="row">{nameOf(start)}</th>
              <td>{isWhole ? number(orders) : t.common.notAvailable}</td>
              <td>{isWhole ? money(amount) : t.common.notAvailable}</td>
            </tr>
          ))}
        </tbody>
      </table>
      </div>
    </figure>
  );
}
