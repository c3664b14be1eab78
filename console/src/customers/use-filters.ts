import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { go, onLeave, useAddress } from "../router";
import { type Filters, fromSearch, toSearch } from "./filters";

const TYPING_MS = 180;

interface Typed {
  /** The query of the address that it was typed at. */
  at: string;
  changed: Partial<Filters>;
}

/**
 * The filters in the address, by which the list is asked for, and those that are `shown`: what is being typed comes into
 * the address a moment after the last key, or when the page is left before that.
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

  const change = useCallback((changed: Partial<Filters>) => {
    clearTimeout(timer.current);
    timer.current = undefined;
    const next = toSearch({ ...latest.current, ...changed });
    setTyped({ at: next, changed: {} });
    go(`/${next}`, { replace: true });
  }, []);
  const type = useCallback(
    (changed: Partial<Filters>) => {
      latest.current = { ...latest.current, ...changed };
      setTyped(({ at, changed: before }) => ({ at: location.search, changed: at === location.search ? { ...before, ...changed } : changed }));
      clearTimeout(timer.current);
      timer.current = setTimeout(() => change({}), TYPING_MS);
    },
    [change],
  );
  useEffect(() => onLeave(() => timer.current !== undefined && change({})), [change]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return { filters, shown, change, type };
}
