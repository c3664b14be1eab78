import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { call } from "../api/call";
import type { Tag } from "../api/types";
import { Button } from "./button";

/** A field for the name of a tag, with those of the catalogue to choose from. */
export function TagInput(props: { label: string; button: ReactNode; onAdd: (tag: string) => void; isBusy?: boolean; isLabelShown?: boolean }) {
  const [text, setText] = useState("");
  const [field, list] = [useId(), useId()];
  const catalogue = useQuery({
    queryKey: ["tags"],
    queryFn: ({ signal }) => call<Tag[]>("/v1/customers/tags?limit=200", { signal }),
    staleTime: 60_000,
  });
  function add(event: FormEvent) {
    event.preventDefault();
    if (!text.trim()) return;
    props.onAdd(text.trim());
    setText("");
  }
  return (
    <form onSubmit={add} className="flex min-w-0 flex-wrap items-end gap-x-2">
      <label htmlFor={field} className={props.isLabelShown ? "w-full text-sm text-muted" : "sr-only"}>
        {props.label}
      </label>
      <input
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
    </form>
  );
}
