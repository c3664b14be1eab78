import { type FormEvent, type RefObject, useId, useLayoutEffect, useRef } from "react";
import type { Reply } from "../api/call";
import type { Problem } from "../api/problem";
import type { Customer } from "../api/types";
import { Button } from "../parts/button";
import { FieldFaults, useFaultsAt } from "../parts/field-faults";
import { tell } from "../parts/news";
import { ProblemNotice } from "../parts/notice";
import { Waiting } from "../parts/waiting";
import { useLocale } from "../texts/locale";
import { ConflictDialog } from "./conflict-dialog";
import { type Base, useFieldDraft } from "./field-draft";
import { type Field, useSave } from "./use-save";

interface Props {
  reply: Reply<Customer>;
  field: Field;
  type?: string;
  /** Values to choose from, instead of typing. */
  choices?: Record<string, string>;
  isRequired?: boolean;
}

/** A field of the profile that becomes an input where it stands: Enter saves, Escape gives it up. */
export function EditableField(props: Props) {
  const { t } = useLocale();
  const customer = props.reply.data;
  const [draft, setDraft] = useFieldDraft(`${customer.id}.${props.field}`);
  const { saving, wait, save, stop } = useSave(customer.id, props.field);
  const opener = useOpener(draft !== null);
  const label = t.fields[props.field] ?? props.field;
  const value = customer[props.field] ?? "";

  function close() {
    stop();
    setDraft(null);
  }
  async function keep(text: string, base: Base) {
    if (!(await save(text, base))) return;
    close();
    tell("saved");
  }
  function finish() {
    if (!draft || draft.text === draft.base.value || draft.text === value) return close();
    return keep(draft.text, draft.base);
  }
  return (
    <div className="grid items-center gap-x-3 border-b border-line py-1 last:border-0 sm:grid-cols-[8rem_1fr]">
      {draft === null ? (
        <>
          <dt className="text-muted">{label}</dt>
          <dd className="flex min-w-0 items-center justify-between gap-2">
            <span className="min-w-0 [overflow-wrap:anywhere]">{props.choices?.[value] ?? (value || t.common.none)}</span>
            <Button
              ref={opener}
              look="quiet"
              aria-label={t.common.edit(label)}
              onClick={() => setDraft({ text: value, base: { etag: props.reply.etag, value } })}
            >
              <span aria-hidden="true">✎</span>
            </Button>
          </dd>
        </>
      ) : (
        <dd className="sm:col-span-2">
          <FieldForm
            {...props}
            label={label}
            draft={draft.text}
            isBusy={saving.isBusy}
            problem={saving.problem}
            onChange={(text) => setDraft({ ...draft, text })}
            onCancel={close}
            onSave={finish}
          />
          <Waiting wait={wait} onStop={stop} />
        </dd>
      )}
      {saving.conflict && draft !== null && (
        <ConflictDialog
          field={props.field}
          mine={draft.text}
          theirs={saving.conflict.data}
          onMine={() => saving.conflict && keep(draft.text, { etag: saving.conflict.etag, value: saving.conflict.data[props.field] ?? "" })}
          onTheirs={close}
          id={customer.id}
        />
      )}
    </div>
  );
}

/** The button that opens the form; it has the focus back when the form closes, unless a person has moved it elsewhere. */
function useOpener(isOpen: boolean): RefObject<HTMLButtonElement | null> {
  const opener = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(isOpen);
  useLayoutEffect(() => {
    const isNowhere = document.activeElement === null || document.activeElement === document.body;
    if (wasOpen.current && !isOpen && isNowhere) opener.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  return opener;
}

interface FormProps extends Props {
  label: string;
  draft: string;
  isBusy: boolean;
  problem: Problem | null;
  onChange: (text: string) => void;
  onCancel: () => void;
  onSave: () => void;
}

function FieldForm(props: FormProps) {
  const { t } = useLocale();
  const field = useId();
  const faults = useFaultsAt(props.problem, props.field);
  function submit(event: FormEvent) {
    event.preventDefault();
    props.onSave();
  }
  // what is on its way stays as it is; typed further it would be lost when the form closes
  const change = (text: string) => !props.isBusy && props.onChange(text);
  const input = { ...faults.input, id: field, value: props.draft, autoFocus: true, required: props.isRequired ?? false, className: "control min-w-0 grow basis-48" };
  return (
    <form onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && props.onCancel()} className="flex flex-wrap items-center gap-2">
      {faults.rest && <ProblemNotice error={faults.rest} />}
      <label htmlFor={field} className="w-full text-sm text-muted">
        {props.label}
      </label>
      {props.choices ? (
        <select {...input} aria-disabled={props.isBusy} onChange={(event) => change(event.target.value)}>
          <option value="">{t.common.none}</option>
          {Object.entries(props.choices).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      ) : (
        <input {...input} type={props.type ?? "text"} autoComplete="off" readOnly={props.isBusy} onChange={(event) => change(event.target.value)} />
      )}
      <Button type="submit" look="main" disabled={props.isBusy}>
        {props.isBusy ? t.common.saving : t.common.save}
      </Button>
      <Button onClick={props.onCancel}>{t.common.cancel}</Button>
      <FieldFaults {...faults.told} />
    </form>
  );
}
