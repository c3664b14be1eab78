import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { leftToDo, NOTHING_YET, type Progress, tagAll, type TagChange, withReason } from "./tagging";

export interface Work extends Progress {
  change: TagChange;
  all: number;
  isStopping: boolean;
  isDone: boolean;
}

export interface Tagging {
  work: Work | null;
  start(ids: string[], change: TagChange): Promise<void>;
  /** Does what is left of a work that is over, and what may be well by now. */
  goOn(): Promise<void>;
  stop(): void;
  /** What a work that is done came to need not be shown any longer. */
  dismiss(): void;
}

/** Changing a tag of many customers, one work at a time; it ends when whoever uses this goes. `onGone` hears who is not there any more. */
export function useTagging(onGone: (ids: string[]) => void): Tagging {
  const client = useQueryClient();
  const [work, setWork] = useState<Work | null>(null);
  const stopper = useRef(new AbortController());
  const leaver = useRef(new AbortController());
  useEffect(() => {
    const leaving = leaver.current;
    return () => leaving.abort();
  }, []);
  const run = useCallback(
    async (ids: string[], change: TagChange, all: number, before: Progress) => {
      const { signal: stop } = (stopper.current = new AbortController());
      const tell = (progress: Progress) => setWork({ change, all, ...progress, isStopping: stop.aborted, isDone: false });
      tell({ ...before, untried: ids });
      const result = await tagAll(ids, change, { stop, leave: leaver.current.signal }, tell, before);
      setWork({ change, all, ...result, isStopping: false, isDone: true });
      onGone(withReason(result.failed, "gone"));
      for (const key of ["customers", "customer", "tags"]) await client.invalidateQueries({ queryKey: [key] });
    },
    [client, onGone],
  );
  return useMemo(
    () => ({
      work,
      start: (ids, change) => run(ids, change, ids.length, NOTHING_YET),
      goOn: async () => {
        if (!work?.isDone) return;
        const failed = work.failed.filter(({ reason }) => reason !== "passing");
        await run(leftToDo(work), work.change, work.all, { ...work, failed });
      },
      stop: () => {
        stopper.current.abort();
        setWork((now) => now && { ...now, isStopping: true });
      },
      dismiss: () => setWork(null),
    }),
    [work, run],
  );
}
