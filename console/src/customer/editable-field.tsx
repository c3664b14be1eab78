import { type FormEvent, type MouseEvent, useId, useRef, useState } from "react";
import type { Reply } from "../api/call";
import type { Problem } from "../api/problem";
import type { Customer } from "../api/types";
import { Button } from "../parts/button";
import { FieldFaults, useFaultsAt } from "../parts/field-faults";
import { useFocusBack } from "../parts/focus-back";
import { tell } from "../parts/news";
import { ProblemNotice } from "../parts/notice";
import { useSettled } from "../parts/settled";
import { Waiting } from "../parts/waiting";
import { useLocale } from "../texts/locale";
import { ConflictDialog } from "./conflict-dialog";
import { type Base, useFieldDraft } from "./field-draft";
import { type Field, useSave } from "./use-save";

interface Props {
  reply: Reply<Customer>;
  field: Field;
  type?: string;
  inputMode?: "email" | "tel";
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
  const [isFromBefore, setFromBefore] = useState(draft !== null && draft.text !== draft.base.value);
  const opener = useRef<HTMLButtonElement>(null);
  useFocusBack(draft !== null, opener);
  const label = t.fields[props.field] ?? props.field;
  const value = customer[props.field] ?? "";

  function close() {
    stop();
    setDraft(null);
    setFromBefore(false);
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
            isFromBefore={isFromBefore}
            isBusy={saving.isBusy}
            isAsked={saving.conflict !== null}
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
          onBack={stop}
          id={customer.id}
        />
      )}
    </div>
  );
}

interface FormProps extends Props {
  label: string;
  draft: string;
  /** The text was typed before the page was loaded, or last come to. */
  isFromBefore: boolean;
  isBusy: boolean;
  /** A question about the text is open above the form. */
  isAsked: boolean;
  problem: Problem | null;
  onChange: (text: string) => void;
  onCancel: () => void;
  onSave: () => void;
}

function FieldForm(props: FormProps) {
  const { t } = useLocale();
  const field = useId();
  const faults = useFaultsAt(props.problem, props.field);
  useFocusBack(props.isBusy || props.isAsked, faults.input.ref);
  const isSettled = useSettled(field, true);
  // of a double tap on the button that was in this place; keys press it without a count of clicks
  const pass = (event: MouseEvent) => {
    if (!isSettled && event.detail > 0) event.preventDefault();
  };
  function submit(event: FormEvent) {
    event.preventDefault();
    props.onSave();
  }
  // what is on its way stays as it is; typed further it would be lost when the form closes
  const change = (text: string) => !props.isBusy && props.onChange(text);
  const input = { ...faults.input, id: field, value: props.draft, autoFocus: true, required: props.isRequired ?? false, className: "control min-w-0 grow basis-48" };
  return (
    <form onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && props.onCancel()} className="flex flex-wrap items-center gap-2">
      <p role="status" className={props.isFromBefore ? "w-full text-sm text-warn" : "sr-only"}>
        {props.isFromBefore && t.profile.draft}
      </p>
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
        <input {...input} type={props.type ?? "text"} inputMode={props.inputMode} autoComplete="off" readOnly={props.isBusy} onChange={(event) => change(event.target.value)} />
      )}
      <Button type="submit" look="main" disabled={props.isBusy} aria-disabled={!isSettled} onClick={pass}>
        {props.isBusy ? t.common.saving : t.common.save}
      </Button>
      <Button aria-disabled={!isSettled} onClick={(event) => (isSettled || event.detail === 0) && props.onCancel()}>
        {t.common.cancel}
      </Button>
      <FieldFaults {...faults.told} />
    </form>
  );
}
