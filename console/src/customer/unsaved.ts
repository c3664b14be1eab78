import { storedDrafts } from "../api/use-draft";
import { isTyped } from "./field-draft";

/** Whether there is text in this tab, on whatever page, that is saved nowhere. */
export function isUnsaved(): boolean {
  return storedDrafts().some(isTyped);
}
