import { useState } from "react";
import { Button } from "../parts/button";
import { useLocale } from "../texts/locale";
import { COLUMN_IDS, type ColumnId } from "./columns";
import { countOf, type Filters, hasWrong, isTouched } from "./filters";
import { FilterPanel } from "./filter-panel";

interface Props {
  filters: Filters;
  onChange: (changed: Partial<Filters>) => void;
  /** As onChange, for what is being typed: the list follows a moment after the last key. */
  onType: (changed: Partial<Filters>) => void;
  columns: ColumnId[];
  onChoose: (column: ColumnId, isShown: boolean) => void;
}

/** On a narrow window an open panel would leave no room for the rows. */
const WIDE = "(min-width: 48rem)";

/** The buttons above the list, and below them what they unfold. Filters that are on are seen at once, where there is room or one is wrong. */
export function ListTools({ filters, onChange, onType, columns, onChoose }: Props) {
  const { t } = useLocale();
  const count = countOf(filters);
  const [isFiltering, setFiltering] = useState(() => isTouched(filters) && (hasWrong(filters) || matchMedia(WIDE).matches));
  const [isChoosing, setChoosing] = useState(false);
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <Button aria-expanded={isFiltering} onClick={() => setFiltering(!isFiltering)}>
          {t.list.filtersOn(count)}
        </Button>
        <Button aria-expanded={isChoosing} onClick={() => setChoosing(!isChoosing)}>
          {t.list.columns}
        </Button>
      </div>
      {isFiltering && <FilterPanel filters={filters} onChange={onChange} onType={onType} />}
      {isChoosing && <ColumnChooser columns={columns} onChoose={onChoose} />}
    </>
  );
}

function ColumnChooser({ columns, onChoose }: Pick<Props, "columns" | "onChoose">) {
  const { t } = useLocale();
  return (
    <fieldset className="panel flex flex-wrap gap-x-4 gap-y-1 p-3">
      <legend className="sr-only">{t.list.columns}</legend>
      {COLUMN_IDS.filter((id) => id !== "full_name").map((id) => (
        <label key={id} className="inline-flex min-h-8 items-center gap-2">
          <input type="checkbox" checked={columns.includes(id)} onChange={(event) => onChoose(id, event.target.checked)} className="accent-accent" />
          {t.fields[id]}
        </label>
      ))}
    </fieldset>
  );
}
