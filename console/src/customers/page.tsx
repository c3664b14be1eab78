import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "../parts/button";
import { ProblemNotice } from "../parts/notice";
import { Title } from "../parts/title";
import { go, useAddress } from "../router";
import { useLocale } from "../texts/locale";
import { type Filters, fromSearch, toSearch } from "./filters";
import { SelectionBar } from "./selection-bar";
import { CustomerTable } from "./table";
import { ListTools } from "./tools";
import { useColumns } from "./use-columns";
import { useRows } from "./use-rows";
import { useSelection } from "./use-selection";

const TYPING_MS = 180;

export function CustomersPage() {
  const { t, number } = useLocale();
  const { filters, typed, change, type } = useFilters();
  const [columns, chooseColumn] = useColumns();
  const rows = useRows(filters);
  const { known } = rows;
  const selection = useSelection(rows.ids);
  const isEmpty = rows.isWhole && known === 0 && !rows.isStale;
  return (
    <div className="mx-auto flex h-full w-full max-w-[120rem] flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Title>{t.list.title}</Title>
        <input
          type="search"
          aria-label={t.list.search}
          placeholder={t.list.search}
          value={typed}
          onChange={(event) => type(event.target.value)}
          className="control min-w-0 grow basis-60"
        />
        <p role="status" className="text-sm text-muted">
          {rows.isWhole ? t.list.loadedRows(known, number(known)) : known > 0 && t.list.loadedMore(known, number(known))}
        </p>
      </div>
      <ListTools filters={filters} onChange={change} columns={columns} onChoose={chooseColumn} />
      <SelectionBar selection={selection} />
      {(rows.first.isError || rows.failed) && <ProblemNotice error={rows.first.error ?? rows.failed?.error} onRetry={rows.again} />}
      {isEmpty ? (
        <Empty isNarrowed={toSearch({ ...filters, sort: "-created_at" }) !== ""} onClear={() => go("/")} />
      ) : (
        !rows.first.isError && (
          <CustomerTable
            {...rows}
            shown={columns}
            sort={filters.sort}
            onSort={(sort) => change({ sort })}
            selection={selection}
            place={toSearch(rows.filters)}
          />
        )
      )}
    </div>
  );
}

/** The filters in the address, and the search as it is being typed, which follows a moment later. */
function useFilters() {
  const { search } = useAddress();
  const filters = useMemo(() => fromSearch(search), [search]);
  const [typed, setTyped] = useState(filters.search);
  const latest = useRef(filters);
  latest.current = filters;
  // only what comes from elsewhere, a step back for instance, replaces what is being typed
  const sent = useRef(filters.search);
  useEffect(() => {
    if (filters.search === sent.current) return;
    sent.current = filters.search;
    setTyped(filters.search);
  }, [filters.search]);
  const change = useCallback((changed: Partial<Filters>) => {
    go(`/${toSearch({ ...latest.current, ...changed })}`, { replace: true });
  }, []);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const type = useCallback(
    (text: string) => {
      setTyped(text);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        sent.current = text;
        change({ search: text });
      }, TYPING_MS);
    },
    [change],
  );
  useEffect(() => () => clearTimeout(timer.current), []);
  return { filters, typed, change, type };
}

function Empty({ isNarrowed, onClear }: { isNarrowed: boolean; onClear: () => void }) {
  const { t } = useLocale();
  return (
    <div className="panel grid flex-1 place-content-center gap-2 p-8 text-center">
      <p className="text-lg font-semibold">{isNarrowed ? t.list.emptyTitle : t.list.noneTitle}</p>
      <p className="text-muted">{isNarrowed ? t.list.emptyHint : t.list.noneHint}</p>
      {isNarrowed && (
        <Button onClick={onClear} className="justify-self-center">
          {t.list.clear}
        </Button>
      )}
    </div>
  );
}
