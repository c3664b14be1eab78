import { Button } from "../parts/button";
import { ProblemNotice } from "../parts/notice";
import { Title } from "../parts/title";
import { go } from "../router";
import { useLocale } from "../texts/locale";
import { toSearch } from "./filters";
import { SelectionBar } from "./selection-bar";
import { CustomerTable } from "./table";
import { ListTools } from "./tools";
import { useColumns } from "./use-columns";
import { useFilters } from "./use-filters";
import { useRows } from "./use-rows";
import { useSelection } from "./use-selection";

export function CustomersPage() {
  const { t, number } = useLocale();
  const { filters, shown, change, type } = useFilters();
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
          value={shown.search}
          onChange={(event) => type({ search: event.target.value })}
          className="control min-w-0 grow basis-60 max-sm:order-last max-sm:basis-full"
        />
        <p role="status" className="text-sm text-muted">
          {rows.isWhole ? t.list.loadedRows(known, number(known)) : known > 0 && t.list.loadedMore(known, number(known))}
        </p>
      </div>
      <ListTools filters={shown} onChange={change} onType={type} columns={columns} onChoose={chooseColumn} />
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
