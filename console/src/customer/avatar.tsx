import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ChangeEvent, useEffect, useId, useState } from "react";
import { call, newKey } from "../api/call";
import type { Customer } from "../api/types";
import { Button } from "../parts/button";
import { ProblemNotice } from "../parts/notice";
import { Section } from "../parts/section";
import { useLocale } from "../texts/locale";
import { addressOf, changed } from "./queries";

const BYTES_MOST = 5 * 1024 * 1024;
const KINDS = ["image/jpeg", "image/png", "image/webp"];

export function Avatar({ customer }: { customer: Customer }) {
  const { t } = useLocale();
  const [file, setFile] = useState<File | null>(null);
  const preview = usePreview(file);
  const { upload, remove } = useAvatar(customer.id, () => setFile(null));
  function choose(chosen: File | null) {
    upload.reset(); // what was refused of the one before says nothing of this one
    setFile(chosen);
  }
  const shown = preview ?? customer.avatar_url;
  const error = upload.error ?? remove.error;
  return (
    <Section title={t.avatar.title}>
      <div className="flex flex-wrap items-center gap-4">
        {shown ? (
          <img src={shown} alt={preview ? t.avatar.preview : t.avatar.of(customer.full_name)} className="size-24 rounded-full border border-line object-cover" />
        ) : (
          <span aria-hidden="true" className="grid size-24 place-content-center rounded-full bg-sunken text-2xl font-semibold text-muted">
            {initials(customer.full_name)}
          </span>
        )}
        <div className="grid justify-items-start gap-2">
          {file ? (
            <div className="flex flex-wrap gap-2">
              <Button look="main" disabled={upload.isPending} onClick={() => upload.mutate(file)}>
                {upload.isPending ? t.avatar.uploading : t.avatar.upload}
              </Button>
              <Button onClick={() => choose(null)}>{t.common.cancel}</Button>
            </div>
          ) : (
            <Chooser onChoose={choose} />
          )}
          {customer.avatar_url && !file && (
            <Button look="quiet" disabled={remove.isPending} onClick={() => remove.mutate()}>
              {t.avatar.remove}
            </Button>
          )}
        </div>
      </div>
      {error && <ProblemNotice error={error} />}
    </Section>
  );
}

function useAvatar(id: string, onUploaded: () => void) {
  const client = useQueryClient();
  const address = `${addressOf(id)}/avatar`;
  const upload = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.set("file", file);
      return call(address, { method: "POST", form, headers: { "Idempotency-Key": newKey() } });
    },
    onSuccess: async () => {
      await changed(client, id);
      onUploaded();
    },
  });
  const remove = useMutation({ mutationFn: () => call(address, { method: "DELETE" }), onSuccess: () => changed(client, id) });
  return { upload, remove };
}

function usePreview(file: File | null): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!file) return;
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => {
      URL.revokeObjectURL(made);
      setAddress(null);
    };
  }, [file]);
  return address;
}

function Chooser({ onChoose }: { onChoose: (file: File) => void }) {
  const { t } = useLocale();
  const [field, hint] = [useId(), useId()];
  const [wrong, setWrong] = useState<string | null>(null);
  function choose(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0];
    if (!file) return;
    if (!KINDS.includes(file.type)) setWrong(t.avatar.wrongKind);
    else if (file.size > BYTES_MOST) setWrong(t.avatar.tooLarge);
    else onChoose(file);
  }
  return (
    <div>
      <label htmlFor={field} className="block text-sm text-muted">
        {t.avatar.choose}
      </label>
      <input id={field} type="file" accept={KINDS.join(",")} aria-describedby={hint} onChange={choose} className="max-w-full text-sm file:mr-2 file:min-h-9 file:rounded-md file:border file:border-edge file:bg-surface file:px-3 file:text-ink" />
      <p id={hint} role={wrong ? "alert" : undefined} className={`text-sm ${wrong ? "text-danger" : "text-muted"}`}>
        {wrong ?? t.avatar.hint}
      </p>
    </div>
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "").join("");
}
