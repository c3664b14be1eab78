import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { go, onLeave, useAddress } from "../router";
import { type Filters, fromSearch, toSearch } from "./filters";

const TYPING_MS = 180;

interface Typed {
  /** The query of the address that it was typed at. */
  at: string;
  changed: Partial<Filters>;
}

/** What is typed into one field until something else is done: one step back takes all of it. */
interface Step {
  field: string | null;
  at: string;
}

/**
 * The filters in the address, by which the list is asked for, and those that are `shown`: what is being typed comes into
 * the address a moment after the last key, or when the page is left before that. Each change is a step back for the browser.
 */
export function useFilters() {
  const { search } = useAddress();
  const filters = useMemo(() => fromSearch(search), [search]);
  const [typed, setTyped] = useState<Typed>({ at: search, changed: {} });
  // what comes from elsewhere, a step back for instance, replaces what is being typed
  const shown = typed.at === search ? { ...filters, ...typed.changed } : filters;
  const latest = useRef(shown);
  latest.current = shown;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const step = useRef<Step>({ field: null, at: "" });

  const bring = useCallback((changed: Partial<Filters>, field: string | null) => {
    clearTimeout(timer.current);
    timer.current = undefined;
    const next = toSearch({ ...latest.current, ...changed });
    const here: Step = { field, at: location.search };
    setTyped({ at: next, changed: {} });
    go(`/${next}`, { replace: isSameStep(step.current, here) || next === here.at });
    step.current = { field, at: next };
  }, []);
  const change = useCallback((changed: Partial<Filters>) => bring(changed, null), [bring]);
  const type = useCallback(
    (changed: Partial<Filters>) => {
      latest.current = { ...latest.current, ...changed };
      setTyped(({ at, changed: before }) => ({ at: location.search, changed: at === location.search ? { ...before, ...changed } : changed }));
      clearTimeout(timer.current);
      timer.current = setTimeout(() => bring({}, Object.keys(changed).join()), TYPING_MS);
    },
    [bring],
  );
  useEffect(() => onLeave(() => timer.current !== undefined && bring({}, null)), [bring]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return { filters, shown, change, type };
}

/** Whether this goes on with the typing that the address came from. */
export function isSameStep(before: Step, now: Step): boolean {
  return now.field !== null && now.field === before.field && now.at === before.at;
}
