import type { Order } from "../api/types";

export interface Month {
  start: Date;
  orders: number;
  amount: number;
}

/** The last `count` months up to that of `now`, oldest first, with the orders and bookings that were not cancelled. */
export function byMonth(orders: Order[], now: Date, count: number): Month[] {
  const months = Array.from({ length: count }, (_, index) => ({
    start: new Date(now.getFullYear(), now.getMonth() - count + 1 + index, 1),
    orders: 0,
    amount: 0,
  }));
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
