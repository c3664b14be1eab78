import { useMemo } from "react";
import { useDraft } from "../api/use-draft";

/** What the text of a field began with: it is saved against that version, also when the page was loaded anew since. */
export interface Base {
  etag: string | null;
  value: string;
}

export interface FieldDraft {
  text: string;
  base: Base;
}

/** The draft of a field, in the storage of this tab like every other one. */
export function useFieldDraft(name: string): [FieldDraft | null, (draft: FieldDraft | null) => void] {
  const [stored, store] = useDraft(name);
  const draft = useMemo(() => readDraft(stored), [stored]);
  return [draft, (next) => store(next && JSON.stringify(next))];
}

/** Null for what is no draft of a field: text alone does not tell what it may be saved against. */
export function readDraft(stored: string | null): FieldDraft | null {
  try {
    const read = JSON.parse(stored ?? "null") as FieldDraft | null;
    return typeof read?.text === "string" && typeof read.base?.value === "string" ? read : null;
  } catch {
    return null;
  }
}

/** Whether a stored draft holds text that is saved nowhere: a form whose text is as it was holds none. */
export function isTyped(stored: string): boolean {
  const field = readDraft(stored);
  return field ? field.text !== field.base.value : stored.trim() !== "";
}

/**
 * What to do about a version that is newer than the one the text began with: where the field is as it was, only others
 * have changed and it is saved again; where it is mine already, an earlier reply was lost.
 */
export function resolve(theirs: string, base: string, mine: string): "again" | "done" | "ask" {
  if (theirs === mine.trim()) return "done";
  return theirs === base ? "again" : "ask";
}
