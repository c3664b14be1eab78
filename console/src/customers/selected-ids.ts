export type Ids = ReadonlySet<string>;

export function changed(before: Ids, ids: string[], isOn: boolean): Ids {
  const after = new Set(before);
  for (const id of ids) isOn ? after.add(id) : after.delete(id);
  return after;
}

/** All from one to the other in the order of the list, both included; where the first is not in it, the other alone. */
export function between(loaded: string[], from: string | null, to: string): string[] {
  const places = [from ?? to, to].map((id) => loaded.indexOf(id));
  return places.includes(-1) ? [to] : loaded.slice(Math.min(...places), Math.max(...places) + 1);
}

export function countElsewhere(chosen: Ids, loaded: string[]): number {
  return chosen.size - new Set(loaded.filter((id) => chosen.has(id))).size;
}
