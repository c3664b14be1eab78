import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { call, type Reply } from "../api/call";
import { patiently, type Rest } from "../api/patiently";
import { asProblem, type Problem } from "../api/problem";
import type { Customer } from "../api/types";
import { isGivenUp, useRest } from "../api/use-write";
import { type Base, resolve } from "./field-draft";
import { addressOf, changed, customerOptions } from "./queries";

export type Field = "full_name" | "email" | "phone" | "gender";
/** Newer versions in a row that others may save while this one tries, before it gives up. */
const TRIES = 4;

export interface Saving {
  isBusy: boolean;
  problem: Problem | null;
  /** The version that somebody else saved meanwhile. */
  conflict: Reply<Customer> | null;
}

const CALM: Saving = { isBusy: false, problem: null, conflict: null };

/** Saves one field by JSON Patch against the version that was shown; `save` tells whether it was saved. */
export function useSave(id: string, field: Field) {
  const client = useQueryClient();
  const [saving, setSaving] = useState<Saving>(CALM);
  const { wait, rest, stop: giveUp } = useRest();
  const stopper = useRef<AbortController>(undefined);
  useEffect(() => () => stopper.current?.abort(), []);

  async function save(value: string, base: Base): Promise<boolean> {
    stopper.current = new AbortController();
    const { signal } = stopper.current;
    setSaving({ ...CALM, isBusy: true });
    try {
      const outcome = await settle({ id, field, value, signal, rest }, base);
      if (!outcome.isSaved) return (setSaving({ ...CALM, conflict: outcome.reply }), false);
      client.setQueryData(customerOptions(id).queryKey, outcome.reply);
      await changed(client, id);
      setSaving(CALM);
      return true;
    } catch (error) {
      if (!signal.aborted && !isGivenUp(error)) setSaving({ ...CALM, problem: asProblem(error) });
      return false;
    }
  }
  function stop() {
    giveUp();
    stopper.current?.abort();
    setSaving(CALM);
  }
  return { saving, wait, save, stop };
}

interface Task {
  id: string;
  field: Field;
  value: string;
  signal: AbortSignal;
  rest: Rest;
}

/** Saves against the newest version as long as only other fields have changed; else gives the version to decide about. */
async function settle(task: Task, base: Base): Promise<{ isSaved: boolean; reply: Reply<Customer> }> {
  let etag = base.etag;
  for (let left = TRIES; ; left -= 1) {
    try {
      return { isSaved: true, reply: await patch(task, etag) };
    } catch (error) {
      if (asProblem(error).status !== 412 || left === 0) throw error;
    }
    const reply = await call<Customer>(addressOf(task.id), { signal: task.signal });
    const next = resolve(reply.data[task.field] ?? "", base.value, task.value);
    if (next !== "again") return { isSaved: next === "done", reply };
    etag = reply.etag;
  }
}

/** One PATCH, again after each 429 once its time is over. */
function patch({ id, field, value, signal, rest }: Task, etag: string | null): Promise<Reply<Customer>> {
  const options = {
    method: "PATCH" as const,
    body: [{ op: "replace", path: `/${field}`, value: value === "" ? null : value }],
    mediaType: "application/json-patch+json",
    headers: etag ? { "If-Match": etag } : {},
    signal,
  };
  return patiently(() => call<Customer>(addressOf(id), options), rest);
}
