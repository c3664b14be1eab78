import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useRef } from "react";
import { call } from "../api/call";
import type { Tag } from "../api/types";
import { useDraft } from "../api/use-draft";
import { Button } from "./button";
import { FieldFaults, useFaultsAt } from "./field-faults";
import { ProblemNotice } from "./notice";

interface Props {
  label: string;
  button: ReactNode;
  /** The text goes once this is over; where it comes to false, the text stays for another try. */
  onAdd: (tag: string) => unknown;
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
  const catalogue = useQuery({
    queryKey: ["tags"],
    queryFn: ({ signal }) => call<Tag[]>("/v1/customers/tags?limit=200", { signal }),
    staleTime: 60_000,
  });
  async function add(event: FormEvent) {
    event.preventDefault();
    if (!text.trim() || props.isBusy) return;
    const isAdded = await props.onAdd(text.trim());
    if (isAdded !== false && latest.current === text) setText(null);
  }
  return (
    <form onSubmit={add} className="flex min-w-0 flex-wrap items-end gap-x-2 max-sm:w-full">
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
        onChange={(event) => setText(event.target.value)}
        className="control w-40 min-w-0 grow"
      />
      <datalist id={list}>
        {catalogue.data?.data.map((tag) => <option key={tag.name} value={tag.name} />)}
      </datalist>
      <Button type="submit" disabled={props.isBusy || !text.trim()}>
        {props.button}
      </Button>
      <FieldFaults {...faults.told} />
      {faults.rest && <ProblemNotice error={faults.rest} />}
    </form>
  );
}
