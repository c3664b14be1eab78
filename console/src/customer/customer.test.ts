import { expect, it } from "vitest";
import type { ChangeEvent, Order } from "../api/types";
import { withBefore } from "./changes";
import { byMonth } from "./months";

it("tells what a value was, out of the older events", () => {
  const events = [{ changes: { phone: null } }, { changes: null }, { changes: { phone: "+40", email: "a@b.example" } }];
  expect(withBefore(events as ChangeEvent[])).toEqual([
    [{ field: "phone", before: "+40", after: null }],
    [],
    [
      { field: "phone", before: undefined, after: "+40" },
      { field: "email", before: undefined, after: "a@b.example" },
    ],
  ]);
});

it("counts orders by month, without those that were cancelled or are older", () => {
  const order = (ordered_at: string, status = "completed") => ({ ordered_at, status, amount: "10.50" }) as Order;
  const orders = [order("2026-03-15T12:00:00Z"), order("2026-03-16T12:00:00Z"), order("2026-03-17T12:00:00Z", "cancelled"), order("2025-03-15T12:00:00Z")];
  const months = byMonth(orders, new Date(2026, 3, 1), 12);
  expect(months.map((month) => month.orders)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0]);
  expect(months[10]?.amount).toBe(21);
});
