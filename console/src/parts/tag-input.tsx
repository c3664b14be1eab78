import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useMemo, useRef, useState } from "react";
import { useDraft } from "../api/use-draft";
import { Button } from "./button";
import { FieldFaults, useFaultsAt } from "./field-faults";
import { ProblemNotice } from "./notice";
import { catalogueOptions, offered } from "./tag-catalogue";

interface Deed {
  button: ReactNode;
  /** The text goes once this is over; where it comes to false, the text stays for another try. */
  onAdd: (tag: string) => unknown;
}

interface Props extends Deed {
  label: string;
  /** What else can be done with the tag; Enter does the first. */
  other?: Deed;
  /** Why the last one was refused. */
  error?: unknown;
  isBusy?: boolean;
  isLabelShown?: boolean;
  /** The name under which the text is kept, where it outlives the page. */
  draft?: string;
}

/** A field for the name of a tag, with those of the catalogue to choose from. */
export function TagInput(props: Props) {
  const [kept, setText] = useDraft(props.draft ?? null);
  const text = kept ?? "";
  const latest = useRef(text);
  latest.current = text;
  const [field, list] = [useId(), useId()];
  const faults = useFaultsAt(props.error, "tags");
  const [isUsed, setUsed] = useState(false);
  const catalogue = useQuery({ ...catalogueOptions, enabled: isUsed });
  const names = useMemo(() => (isUsed ? offered(catalogue.data ?? [], text) : []), [isUsed, catalogue.data, text]);
  const isOff = props.isBusy || !text.trim();
  async function act({ onAdd }: Deed) {
    if (isOff) return;
    const isAdded = await onAdd(text.trim());
    if (isAdded !== false && latest.current === text) setText(null);
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    void act(props);
  }
  return (
    <form onSubmit={submit} className="flex min-w-0 flex-wrap items-end gap-x-2 max-sm:w-full">
      <label htmlFor={field} className={props.isLabelShown ? "w-full text-sm text-muted" : "sr-only"}>
        {props.label}
      </label>
      <input
        {...faults.input}
        id={field}
        list={list}
        value={text}
        maxLength={50}
        autoComplete="off"
        placeholder={props.isLabelShown ? undefined : props.label}
        onFocus={() => setUsed(true)}
        onChange={(event) => setText(event.target.value)}
        className="control w-40 min-w-0 grow max-sm:w-24"
      />
      <datalist id={list}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Button type="submit" disabled={isOff}>
        {props.button}
      </Button>
      {props.other && (
        <Button disabled={isOff} onClick={() => props.other && void act(props.other)}>
          {props.other.button}
        </Button>
      )}
      <FieldFaults {...faults.told} />
      {faults.rest && <ProblemNotice error={faults.rest} />}
    </form>
  );
}
