import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { call, type Reply } from "../api/call";
import { patiently, type Rest } from "../api/patiently";
import { asProblem, isGivenUp, type Problem } from "../api/problem";
import type { Customer } from "../api/types";
import { useRest } from "../api/use-write";
import { tell } from "../parts/news";
import { type Base, resolve } from "./field-draft";
import { addressOf, changed, customerOptions, JSON_PATCH } from "./queries";
import { isGone } from "./use-change";

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

/**
 * Saves one field by JSON Patch against the version that was shown; `save` tells whether it was saved. What is on its way
 * when it is given up comes to its end, since the service may have it already, and the page then shows what stands.
 */
export function useSave(id: string, field: Field) {
  const client = useQueryClient();
  const [saving, setSaving] = useState<Saving>(CALM);
  const { wait, rest, stop: giveUp } = useRest();
  const stopper = useRef<AbortController>(undefined);
  const isLeft = useRef(false);
  useEffect(() => {
    const leave = () => {
      isLeft.current = true;
      stopper.current?.abort();
    };
    return leave;
  }, []);

  async function save(value: string, base: Base): Promise<boolean> {
    stopper.current = new AbortController();
    const { signal } = stopper.current;
    const restIfWanted = async (seconds: number) => (signal.throwIfAborted(), rest(seconds));
    setSaving({ ...CALM, isBusy: true });
    try {
      const outcome = await settle({ id, field, value, signal, rest: restIfWanted }, base);
      if (!outcome.isSaved && !signal.aborted) return (setSaving({ ...CALM, conflict: outcome.reply }), false);
      client.setQueryData(customerOptions(id).queryKey, outcome.reply);
      await changed(client, id);
      if (!signal.aborted) setSaving(CALM);
      else if (outcome.isSaved) tell(isLeft.current ? "saved" : "savedAllTheSame");
      return outcome.isSaved && (!signal.aborted || isLeft.current);
    } catch (error) {
      if (signal.aborted || isGone(error)) void changed(client, id);
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
    mediaType: JSON_PATCH,
    headers: etag ? { "If-Match": etag } : {},
    signal,
    isFinished: true,
  };
  return patiently(() => call<Customer>(addressOf(id), options), rest);
}
