import type { Order } from "../api/types";

export interface Month {
  start: Date;
  orders: number;
  amount: number;
  /** Whether all of its orders were among those at hand. */
  isWhole: boolean;
}

/**
 * The last `count` months up to that of `now`, oldest first, with the orders and bookings that were not cancelled, out of
 * the latest ones. `isAll` says that there are no older ones; else the month of the oldest may have more.
 */
export function byMonth(orders: Order[], now: Date, count: number, isAll = true): Month[] {
  const oldest = orders.at(-1);
  const since = isAll || !oldest ? null : new Date(oldest.ordered_at);
  const months = Array.from({ length: count }, (_, index) => {
    const start = new Date(now.getFullYear(), now.getMonth() - count + 1 + index, 1);
    return { start, orders: 0, amount: 0, isWhole: since === null || start > since };
  });
  for (const order of orders) {
    if (order.status === "cancelled") continue;
    const at = new Date(order.ordered_at);
    const month = months.find(({ start }) => start.getFullYear() === at.getFullYear() && start.getMonth() === at.getMonth());
    if (!month) continue;
    month.orders += 1;
    month.amount += Number(order.amount);
  }
  return months;
}
