import type { ChangeEvent } from "../api/types";

export interface Change {
  field: string;
  /** What it was, where an older event of those at hand tells; undefined where none does. */
  before: unknown;
  after: unknown;
}

/** The changes of each event, newest first as they come, with the values before them out of the older ones. */
export function withBefore(events: ChangeEvent[]): Change[][] {
  const known = new Map<string, unknown>();
  const oldestFirst = [...events].reverse().map((event) =>
    Object.entries(event.changes ?? {}).map(([field, after]) => {
      const before = known.get(field);
      known.set(field, after);
      return { field, before, after };
    }),
  );
  return oldestFirst.reverse();
}
