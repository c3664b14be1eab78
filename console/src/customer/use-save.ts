import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { call, type Reply } from "../api/call";
import { asProblem, type Problem } from "../api/problem";
import type { Customer } from "../api/types";
import { pause } from "../customers/tagging";
import { type Base, resolve } from "./field-draft";
import { addressOf, changed, customerOptions } from "./queries";

export type Field = "full_name" | "email" | "phone" | "gender";
const WAIT_DEFAULT_S = 10;
/** Newer versions in a row that others may save while this one tries, before it gives up. */
const TRIES = 4;

export interface Saving {
  isBusy: boolean;
  /** Seconds until it is tried again, where there were too many changes. */
  wait: number;
  problem: Problem | null;
  /** The version that somebody else saved meanwhile. */
  conflict: Reply<Customer> | null;
}

const CALM: Saving = { isBusy: false, wait: 0, problem: null, conflict: null };

/** Saves one field by JSON Patch against the version that was shown; `save` tells whether it was saved. */
export function useSave(id: string, field: Field) {
  const client = useQueryClient();
  const [saving, setSaving] = useState<Saving>(CALM);
  const stopper = useRef<AbortController>(undefined);
  useEffect(() => () => stopper.current?.abort(), []);

  async function save(value: string, base: Base): Promise<boolean> {
    stopper.current = new AbortController();
    const { signal } = stopper.current;
    setSaving({ ...CALM, isBusy: true });
    try {
      const tell = (wait: number) => setSaving({ ...CALM, isBusy: true, wait });
      const outcome = await settle({ id, field, value, signal, tell }, base);
      if (!outcome.isSaved) return (setSaving({ ...CALM, conflict: outcome.reply }), false);
      client.setQueryData(customerOptions(id).queryKey, outcome.reply);
      await changed(client, id);
      setSaving(CALM);
      return true;
    } catch (error) {
      if (!signal.aborted) setSaving({ ...CALM, problem: asProblem(error) });
      return false;
    }
  }
  function stop() {
    stopper.current?.abort();
    setSaving(CALM);
  }
  return { saving, save, stop };
}

interface Task {
  id: string;
  field: Field;
  value: string;
  signal: AbortSignal;
  /** Told the seconds that are left to wait. */
  tell: (seconds: number) => void;
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
async function patch({ id, field, value, signal, tell }: Task, etag: string | null): Promise<Reply<Customer>> {
  for (;;) {
    try {
      return await call<Customer>(addressOf(id), {
        method: "PATCH",
        body: [{ op: "replace", path: `/${field}`, value: value === "" ? null : value }],
        mediaType: "application/json-patch+json",
        headers: etag ? { "If-Match": etag } : {},
        signal,
      });
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status !== 429) throw error;
      await countDown(problem.retryAfter ?? WAIT_DEFAULT_S, signal, tell);
    }
  }
}

async function countDown(seconds: number, signal: AbortSignal, tell: (seconds: number) => void): Promise<void> {
  for (let left = seconds; left > 0; left -= 1) {
    tell(left);
    await pause(1, signal);
    signal.throwIfAborted();
  }
  tell(0);
}
