import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { call, type Reply } from "../api/call";
import { asProblem, type Problem } from "../api/problem";
import type { Customer } from "../api/types";
import { pause } from "../customers/tagging";
import { addressOf, changed, customerOptions } from "./queries";

export type Field = "full_name" | "email" | "phone" | "gender";
const WAIT_DEFAULT_S = 10;

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

  async function save(value: string, etag: string | null): Promise<boolean> {
    stopper.current = new AbortController();
    const { signal } = stopper.current;
    setSaving({ ...CALM, isBusy: true });
    try {
      const reply = await patch(id, field, value, etag, signal, (wait) => setSaving({ ...CALM, isBusy: true, wait }));
      client.setQueryData(customerOptions(id).queryKey, reply);
      await changed(client, id);
      setSaving(CALM);
      return true;
    } catch (error) {
      if (!signal.aborted) setSaving(await whatHappened(id, error));
      return false;
    }
  }
  function stop() {
    stopper.current?.abort();
    setSaving(CALM);
  }
  return { saving, save, stop };
}

async function whatHappened(id: string, error: unknown): Promise<Saving> {
  const problem = asProblem(error);
  if (problem.status !== 412) return { ...CALM, problem };
  try {
    return { ...CALM, conflict: await call<Customer>(addressOf(id)) };
  } catch (second) {
    return { ...CALM, problem: asProblem(second) };
  }
}

/** One PATCH, again after each 429 once its time is over. */
async function patch(id: string, field: Field, value: string, etag: string | null, signal: AbortSignal, tell: (seconds: number) => void) {
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
