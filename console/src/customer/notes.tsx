import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef } from "react";
import { call, newKey } from "../api/call";
import type { Note } from "../api/types";
import { useDraft } from "../api/use-draft";
import { Button } from "../parts/button";
import { FieldFaults, useFaultsAt } from "../parts/field-faults";
import { useFocusBack } from "../parts/focus-back";
import { tell } from "../parts/news";
import { ProblemNotice } from "../parts/notice";
import { Section } from "../parts/section";
import { SureButton } from "../parts/sure-button";
import { Waiting } from "../parts/waiting";
import { useLocale } from "../texts/locale";
import { addressOf, pagedOptions } from "./queries";
import { useChange, useRemoval } from "./use-change";

const NOTE_MOST = 10_000;

export function Notes({ id }: { id: string }) {
  const { t } = useLocale();
  const notes = useInfiniteQuery(pagedOptions<Note>(id, "notes", 20));
  const shown = notes.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Section title={t.notes.title} items={shown.length}>
      <NewNote id={id} />
      {notes.isError && <ProblemNotice error={notes.error} onRetry={notes.refetch} />}
      {notes.isSuccess && shown.length === 0 && <p className="text-muted">{t.notes.empty}</p>}
      <ul>
        {shown.map((note) => (
          <NoteItem key={note.id} id={id} note={note} />
        ))}
      </ul>
      {notes.hasNextPage && <Button onClick={() => notes.fetchNextPage()}>{t.common.more}</Button>}
    </Section>
  );
}

function NewNote({ id }: { id: string }) {
  const { t } = useLocale();
  const field = useId();
  const [text, setText] = useDraft(`${id}.note`);
  const latest = useRef(text);
  latest.current = text;
  const keyOf = useKeyOfText();
  const client = useQueryClient();
  const add = useChange(
    id,
    (content: string) =>
      call(`${addressOf(id)}/notes`, { method: "POST", body: { content }, headers: { "Idempotency-Key": keyOf(content) } }),
    async (content) => {
      keyOf(null);
      // the next note may have been begun meanwhile
      if (latest.current === content) setText(null);
      await client.invalidateQueries({ queryKey: ["customer", id, "notes"] });
      tell("noteAdded");
    },
  );
  const faults = useFaultsAt(add.error, "content");
  useFocusBack(add.isPending, faults.input.ref);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (text?.trim()) void add.run(text);
  }
  return (
    <form onSubmit={submit} className="mb-3 grid justify-items-start gap-2">
      <label htmlFor={field} className="text-sm text-muted">
        {t.notes.text}
      </label>
      <textarea {...faults.input} id={field} rows={3} maxLength={NOTE_MOST} value={text ?? ""} onChange={(event) => setText(event.target.value)} className="control w-full" />
      <FieldFaults {...faults.told} />
      {faults.rest && <ProblemNotice error={faults.rest} />}
      <Button type="submit" look="main" disabled={add.isPending || !text?.trim()}>
        {add.isPending ? t.common.saving : t.notes.add}
      </Button>
      <Waiting wait={add.wait} onStop={add.stop} />
    </form>
  );
}

/** The same text sent again, after a reply that was lost, has the same key; null begins anew after a success. */
function useKeyOfText(): (text: string | null) => string {
  const last = useRef<{ text: string | null; key: string }>({ text: null, key: "" });
  return (text) => {
    if (text === null || text !== last.current.text) last.current = { text, key: newKey() };
    return last.current.key;
  };
}

function NoteItem({ id, note }: { id: string; note: Note }) {
  const { t, dateTime } = useLocale();
  const remove = useRemoval(id, () => call(`${addressOf(id)}/notes/${note.id}`, { method: "DELETE" }), "noteRemoved");
  return (
    <li className="border-t border-line py-2">
      <p className="[overflow-wrap:anywhere] whitespace-pre-wrap">{note.content}</p>
      <p className="flex flex-wrap items-center justify-between gap-x-3 text-sm text-muted">
        <span className="[overflow-wrap:anywhere]">
          {dateTime(note.created_at)}, {t.notes.by(note.author)}
        </span>
        <SureButton text={t.notes.remove} question={t.notes.confirm} isBusy={remove.isPending} onSure={() => void remove.run()} className="-mr-3 ml-auto" />
      </p>
      <Waiting wait={remove.wait} onStop={remove.stop} />
      {remove.error !== null && <ProblemNotice error={remove.error} />}
    </li>
  );
}
