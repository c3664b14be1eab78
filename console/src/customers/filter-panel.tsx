import { type ReactNode, useId, useState } from "react";
import type { Sort } from "../api/types";
import { Button } from "../parts/button";
import { TagChip } from "../parts/tag-chip";
import { TagInput } from "../parts/tag-input";
import { businessesOf, useToken } from "../session/session";
import { useLocale } from "../texts/locale";
import { readAmount, TAGS_MOST, writeAmount } from "./filter-values";
import { type Filters, isWrong, NO_FILTERS } from "./filters";

interface Props {
  filters: Filters;
  onChange: (changed: Partial<Filters>) => void;
}

interface TypedProps {
  filters: Filters;
  onType: (changed: Partial<Filters>) => void;
}

export function FilterPanel({ filters, onChange, onType }: Props & TypedProps) {
  const { t } = useLocale();
  return (
    <div className="panel grid grid-cols-[repeat(auto-fill,minmax(min(100%,13rem),1fr))] gap-x-4 gap-y-3 p-3">
      <Business filters={filters} onChange={onChange} onType={onType} />
      <Tags filters={filters} onChange={onChange} />
      <Amount name="min_lifetime_value" label={t.list.minValue} filters={filters} onType={onType} />
      <Amount name="max_lifetime_value" label={t.list.maxValue} filters={filters} onType={onType} />
      <Entry name="min_orders" label={t.list.minOrders} type="number" filters={filters} onType={onType} />
      <Entry name="created_from" label={t.list.createdFrom} type="date" filters={filters} onType={onType} />
      <Entry name="created_to" label={t.list.createdTo} type="date" filters={filters} onType={onType} />
      <Choice label={t.list.gender} value={filters.gender} onChoose={(gender) => onChange({ gender })}>
        <option value="">{t.list.any}</option>
        {Object.entries(t.genders).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </Choice>
      <Choice label={t.list.sort} value={filters.sort} onChoose={(sort) => onChange({ sort: sort as Sort })}>
        {Object.entries(t.list.sorts).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </Choice>
      <div className="flex items-end">
        <Button look="quiet" onClick={() => onChange({ ...NO_FILTERS, search: filters.search, sort: filters.sort })}>
          {t.list.clear}
        </Button>
      </div>
    </div>
  );
}

function Business({ filters, onChange, onType }: Props & TypedProps) {
  const { t } = useLocale();
  const allowed = businessesOf(useToken());
  const [field, hint] = [useId(), useId()];
  const value = filters.business_id;
  if (allowed.length > 0) {
    return (
      <Choice label={t.list.business} value={value} onChoose={(business_id) => onChange({ business_id })}>
        <option value="">{t.list.anyBusiness}</option>
        {/* one of an address that was made by somebody who may see more */}
        {[...new Set([...allowed, value])].filter(Boolean).map((id) => (
          <option key={id}>{id}</option>
        ))}
      </Choice>
    );
  }
  const isBad = isWrong(filters, "business_id");
  return (
    <div>
      <Label htmlFor={field}>{t.list.business}</Label>
      <input
        id={field}
        value={value}
        placeholder={t.list.businessHint}
        spellCheck={false}
        aria-invalid={isBad}
        aria-describedby={hint}
        onChange={(event) => onType({ business_id: event.target.value.trim() })}
        className="control w-full"
      />
      <Wrong id={hint}>{isBad && t.list.badBusiness}</Wrong>
    </div>
  );
}

function Tags({ filters, onChange }: Props) {
  const { t } = useLocale();
  const add = (tag: string) => onChange({ tag: [...new Set([...filters.tag, tag])].slice(0, TAGS_MOST) });
  return (
    <div>
      <TagInput label={t.list.tags} button="+" isLabelShown onAdd={add} />
      <div className="mt-1 flex flex-wrap gap-1">
        {filters.tag.map((tag) => (
          <TagChip key={tag} tag={tag} onRemove={() => onChange({ tag: filters.tag.filter((other) => other !== tag) })} />
        ))}
      </div>
    </div>
  );
}

/** Read as the chosen language writes amounts; the address has them as the API does. */
function Amount(props: TypedProps & { name: "min_lifetime_value" | "max_lifetime_value"; label: string }) {
  const { t, decimal } = useLocale();
  const [field, hint] = [useId(), useId()];
  const [typed, setTyped] = useState("");
  const meaning = (text: string) => readAmount(text, decimal) ?? text.trim();
  const value = props.filters[props.name];
  const isBad = isWrong(props.filters, props.name);
  function type(text: string) {
    setTyped(text);
    props.onType({ [props.name]: meaning(text) });
  }
  return (
    <div>
      <Label htmlFor={field}>{props.label}</Label>
      <input
        id={field}
        inputMode="decimal"
        value={meaning(typed) === value ? typed : writeAmount(value, decimal)}
        aria-invalid={isBad}
        aria-describedby={hint}
        onChange={(event) => type(event.target.value)}
        className="control w-full"
      />
      <Wrong id={hint}>{isBad && t.list.badAmount}</Wrong>
    </div>
  );
}

function Entry(props: TypedProps & { name: "min_orders" | "created_from" | "created_to"; label: string; type: string }) {
  const { t } = useLocale();
  const [field, hint] = [useId(), useId()];
  const value = props.filters[props.name];
  const isBad = isWrong(props.filters, props.name);
  return (
    <div>
      <Label htmlFor={field}>{props.label}</Label>
      <input
        id={field}
        aria-invalid={isBad}
        aria-describedby={hint}
        type={props.type}
        min={props.type === "number" ? 0 : undefined}
        max={props.type === "date" ? "9999-12-31" : undefined}
        // browsers show no day that there is not, and complain of it
        value={isBad && props.type === "date" ? "" : value}
        onChange={(event) => props.onType({ [props.name]: event.target.value })}
        className="control w-full"
      />
      <Wrong id={hint}>{isBad && (props.type === "date" ? t.list.badDay : t.list.badCount)}</Wrong>
    </div>
  );
}

function Choice(props: { label: string; value: string; onChoose: (value: string) => void; children: ReactNode }) {
  const field = useId();
  return (
    <div>
      <Label htmlFor={field}>{props.label}</Label>
      <select id={field} value={props.value} onChange={(event) => props.onChoose(event.target.value)} className="control w-full">
        {props.children}
      </select>
    </div>
  );
}

function Label(props: { htmlFor: string; children: ReactNode }) {
  return <label {...props} className="block text-sm text-muted" />;
}

function Wrong(props: { id: string; children: ReactNode }) {
  return <p {...props} className="text-sm text-danger" />;
}
