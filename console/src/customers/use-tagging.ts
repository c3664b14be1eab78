import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type Progress, tagAll } from "./tagging";

export interface Work extends Progress {
  tag: string;
  all: number;
  isDone: boolean;
}

export interface Tagging {
  work: Work | null;
  start(ids: string[], tag: string): Promise<void>;
  stop(): void;
  /** What a work that is done came to need not be shown any longer. */
  dismiss(): void;
}

/** Tagging many customers, one work at a time; it ends when whoever uses this goes. */
export function useTagging(): Tagging {
  const client = useQueryClient();
  const [work, setWork] = useState<Work | null>(null);
  const stopper = useRef(new AbortController());
  useEffect(() => () => stopper.current.abort(), []);
  const start = useCallback(
    async (ids: string[], tag: string) => {
      stopper.current = new AbortController();
      const about = { tag, all: ids.length };
      setWork({ ...about, done: 0, failed: [], pause: 0, isDone: false });
      const tell = (progress: Progress) => setWork({ ...about, ...progress, isDone: false });
      const result = await tagAll(ids, tag, stopper.current.signal, tell);
      setWork({ ...about, ...result, pause: 0, isDone: true });
      for (const key of ["customers", "customer", "tags"]) await client.invalidateQueries({ queryKey: [key] });
    },
    [client],
  );
  return useMemo(() => ({ work, start, stop: () => stopper.current.abort(), dismiss: () => setWork(null) }), [work, start]);
}
