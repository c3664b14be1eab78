import { Title } from "../parts/title";
import { go, useAddress } from "../router";
import { useLocale } from "../texts/locale";
import { leftOut, toSearch } from "./filters";
import { Empty, Faulty, LeftOut } from "./notices";
import { roughly } from "./page-book";
import { SelectionBar } from "./selection-bar";
import { CustomerTable } from "./table";
import { ListTools } from "./tools";
import { useColumns } from "./use-columns";
import { useFilters } from "./use-filters";
import { useRows } from "./use-rows";
import { useSelection } from "./use-selection";

const clear = () => go("/");

export function CustomersPage() {
  const { t } = useLocale();
  const { search } = useAddress();
  const { filters, shown, change, type } = useFilters();
  const [columns, chooseColumn] = useColumns();
  const rows = useRows(filters);
  const selection = useSelection(rows.ids);
  // of rows that are not what is asked for by now nobody is chosen
  const isStale = rows.isStale || toSearch(shown) !== toSearch(filters);
  const isEmpty = rows.isWhole && rows.known === 0 && !rows.isStale;
  return (
    <div className="mx-auto flex min-h-0 w-full max-w-[120rem] flex-1 flex-col gap-2">
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
        <HowMany {...rows} />
      </div>
      <ListTools filters={shown} onChange={change} onType={type} columns={columns} onChoose={chooseColumn} />
      <LeftOut names={leftOut(search)} onClear={clear} />
      <SelectionBar selection={selection} isStale={isStale} />
      {isEmpty && <Empty isNarrowed={toSearch({ ...filters, sort: "-created_at" }) !== ""} onClear={clear} />}
      {!isEmpty && !rows.isFailing && (
        <CustomerTable
          {...rows}
          shown={columns}
          sort={filters.sort}
          onSort={(sort) => change({ sort })}
          selection={selection}
          isStale={isStale}
          place={toSearch(rows.filters)}
        />
      )}
      {rows.fault !== null && <Faulty error={rows.fault} isFirst={rows.isFailing} onRetry={rows.again} onClear={clear} />}
    </div>
  );
}

function HowMany({ known, isWhole, total }: { known: number; isWhole: boolean; total: number | undefined }) {
  const { t, number } = useLocale();
  const about = total === undefined || isWhole ? 0 : roughly(total);
  return (
    <p role="status" className="text-sm text-muted">
      {isWhole ? t.list.loadedRows(known, number(known)) : known > 0 && t.list.loadedMore(known, number(known))}
      {known > 0 && about > known && t.list.about(about, number(about))}
    </p>
  );
}
