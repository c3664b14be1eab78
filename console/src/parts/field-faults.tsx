import { type RefObject, useEffect, useId, useRef } from "react";
import { type Fault, faultsAt, type Problem } from "../api/problem";
import { useLocale } from "../texts/locale";

type Control = HTMLInputElement & HTMLTextAreaElement & HTMLSelectElement;

interface AtField {
  /** For the input itself. */
  input: { ref: RefObject<Control | null>; "aria-invalid": boolean; "aria-describedby": string | undefined };
  /** For the text below it. */
  told: { id: string; faults: Fault[] };
  /** What is about no field, or another one. */
  rest: Problem | null;
}

/** What a refusal says of the field of this name; the field takes the focus, unless a person has moved it elsewhere. */
export function useFaultsAt(error: unknown, name: string): AtField {
  const id = useId();
  const ref = useRef<Control>(null);
  const { own: faults, rest } = faultsAt(error, name);
  const isInvalid = faults.length > 0;
  useEffect(() => {
    const focused = document.activeElement;
    const isFree = focused === null || focused === document.body || ref.current?.form?.contains(focused);
    if (isInvalid && isFree) ref.current?.focus();
  }, [error, isInvalid]);
  return { input: { ref, "aria-invalid": isInvalid, "aria-describedby": isInvalid ? id : undefined }, told: { id, faults }, rest };
}

/** Details come from the API and are in English. */
export function FieldFaults({ id, faults }: { id: string; faults: Fault[] }) {
  const { t } = useLocale();
  if (faults.length === 0) return null;
  return (
    <p id={id} role="alert" className="w-full text-sm [overflow-wrap:anywhere] text-danger">
      {t.refused} <span lang="en">{faults.map(({ detail }) => detail).join("; ")}</span>
    </p>
  );
}
