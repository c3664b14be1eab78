import { useQueryClient } from "@tanstack/react-query";
import { type ChangeEvent, useEffect, useId, useRef, useState } from "react";
import { call, newKey } from "../api/call";
import type { Customer } from "../api/types";
import { Button } from "../parts/button";
import { tell } from "../parts/news";
import { ProblemNotice } from "../parts/notice";
import { Progress } from "../parts/progress";
import { Section } from "../parts/section";
import { SureButton } from "../parts/sure-button";
import { useUnderWay } from "../parts/under-way";
import { Waiting } from "../parts/waiting";
import { useLocale } from "../texts/locale";
import { type Flaw, flawOf, KINDS } from "./picture";
import { addressOf, changed } from "./queries";
import { useChange, useRemoval } from "./use-change";

export function Avatar({ customer }: { customer: Customer }) {
  const { t } = useLocale();
  const [file, setFile] = useState<File | null>(null);
  const preview = usePreview(file);
  const address = `${addressOf(customer.id)}/avatar`;
  const upload = useUpload(customer.id, (sent) => setFile((now) => (now === sent ? null : now)));
  const remove = useRemoval(customer.id, () => call(address, { method: "DELETE" }), "avatarRemoved");
  function choose(chosen: File | null) {
    upload.stop();
    upload.reset(); // what was refused of the one before says nothing of this one
    setFile(chosen);
  }
  const shown = preview ?? customer.avatar_url;
  const error = upload.error ?? remove.error;
  const stage = upload.isPending ? "sending" : file ? "chosen" : shown ? "there" : "none";
  return (
    <Section title={t.avatar.title} stage={stage}>
      <div className="flex flex-wrap items-center gap-4">
        {shown ? (
          <img src={shown} alt={preview ? t.avatar.preview : t.avatar.of(customer.full_name)} className="size-24 rounded-full border border-line object-cover" />
        ) : (
          <span aria-hidden="true" className="grid size-24 place-content-center rounded-full bg-sunken text-2xl font-semibold text-muted">
            {initials(customer.full_name)}
          </span>
        )}
        <div className="grid justify-items-start gap-2">
          {file ? <Sending upload={upload} onSend={() => upload.run(file)} onCancel={() => choose(null)} /> : <Chooser onChoose={choose} />}
          {customer.avatar_url && !file && (
            <SureButton text={t.avatar.remove} question={t.avatar.confirm} isBusy={remove.isPending} onSure={() => void remove.run()} className="-ml-3" />
          )}
        </div>
      </div>
      <Waiting wait={upload.wait || remove.wait} onStop={() => [upload, remove].forEach(({ stop }) => stop())} />
      {error !== null && <ProblemNotice error={error} />}
    </Section>
  );
}

/** Sends a file and tells the share that is sent; `stop` cuts it off, and then it is looked at what stands. */
function useUpload(id: string, onUploaded: (file: File) => void) {
  const client = useQueryClient();
  const [share, setShare] = useState(0);
  const stopper = useRef(new AbortController());
  const write = useChange(
    id,
    (file: File) => {
      const form = new FormData();
      form.set("file", file);
      setShare(0);
      const { signal } = stopper.current;
      return call(`${addressOf(id)}/avatar`, { method: "POST", form, signal, onProgress: setShare, headers: { "Idempotency-Key": newKey() } });
    },
    async (file) => {
      await changed(client, id);
      onUploaded(file);
      tell("avatarSet");
    },
  );
  useUnderWay(write.isPending);
  useEffect(() => () => stopper.current.abort(), []);
  function stop() {
    stopper.current.abort();
    stopper.current = new AbortController();
    write.stop();
    if (write.isPending) void changed(client, id);
  }
  return { ...write, share, stop };
}

function Sending({ upload, onSend, onCancel }: { upload: ReturnType<typeof useUpload>; onSend: () => void; onCancel: () => void }) {
  const { t } = useLocale();
  const isSending = upload.isPending && upload.wait === 0;
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <Button look="main" autoFocus disabled={upload.isPending} onClick={onSend}>
          {upload.isPending ? t.avatar.uploading : t.avatar.upload}
        </Button>
        {isSending ? <Button onClick={upload.stop}>{t.avatar.stop}</Button> : <Button onClick={onCancel}>{t.common.cancel}</Button>}
      </div>
      {isSending && <Progress share={upload.share} label={t.avatar.sent} />}
    </>
  );
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
  const hint = useId();
  const [flaw, setFlaw] = useState<Flaw | null>(null);
  const latest = useRef<File>(undefined);
  async function choose(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0];
    if (!file) return;
    latest.current = file;
    const flaw = await flawOf(file);
    if (latest.current !== file) return; // another one was chosen meanwhile
    setFlaw(flaw);
    if (!flaw) onChoose(file);
  }
  return (
    <div>
      {/* browsers write on a field for files in their own language, which may be another one than the page's */}
      <label className="relative inline-flex min-h-9 cursor-pointer items-center rounded-md border border-edge bg-surface px-3 py-1 font-medium hover:bg-sunken has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
        {t.avatar.choose}
        <input type="file" accept={KINDS.join(",")} aria-invalid={flaw !== null} aria-describedby={hint} onChange={choose} className="sr-only" />
      </label>
      <p id={hint} role={flaw ? "alert" : undefined} className={`text-sm ${flaw ? "text-danger" : "text-muted"}`}>
        {flaw ? t.avatar.flaws[flaw] : t.avatar.hint}
      </p>
    </div>
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "").join("");
}
