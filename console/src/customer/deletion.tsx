import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { call, type Reply } from "../api/call";
import { asProblem } from "../api/problem";
import type { Customer } from "../api/types";
import { forgetDrafts } from "../api/use-draft";
import { useListWork } from "../customers/list-work";
import { Button } from "../parts/button";
import { Modal } from "../parts/modal";
import { tell } from "../parts/news";
import { ProblemNotice } from "../parts/notice";
import { Section } from "../parts/section";
import { Waiting } from "../parts/waiting";
import { go, lastList } from "../router";
import { useLocale } from "../texts/locale";
import { addressOf, changed } from "./queries";
import { isSameName } from "./same-name";
import { useChange } from "./use-change";

export function Deletion({ reply }: { reply: Reply<Customer> }) {
  const { t } = useLocale();
  const [isOpen, setOpen] = useState(false);
  return (
    <Section title={t.deletion.title}>
      <p className="mb-2 text-muted">{t.deletion.text}</p>
      <Button look="danger" onClick={() => setOpen(true)}>
        {t.deletion.open}
      </Button>
      {isOpen && <Confirmation reply={reply} onClose={() => setOpen(false)} />}
    </Section>
  );
}

function Confirmation({ reply, onClose }: { reply: Reply<Customer>; onClose: () => void }) {
  const { t } = useLocale();
  const field = useId();
  const [typed, setTyped] = useState("");
  const client = useQueryClient();
  const { forget } = useListWork();
  const { id, full_name: name } = reply.data;
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => void (isShown.current = false);
  }, []);
  const remove = useChange(
    id,
    () => call(addressOf(id), { method: "DELETE", headers: reply.etag ? { "If-Match": reply.etag } : {} }),
    () => {
      tell("deleted");
      forget([id]);
      forgetDrafts(id);
      if (isShown.current) go(lastList); // who went elsewhere meanwhile stays there
      client.removeQueries({ queryKey: ["customer", id] });
      return client.resetQueries({ queryKey: ["customers"] });
    },
  );
  useEffect(() => {
    // the next try is against the version that is then shown
    if (remove.error !== null && isOutdated(remove.error)) void changed(client, id);
  }, [remove.error, client, id]);
  function giveUp() {
    remove.stop();
    onClose();
  }
  const isSure = isSameName(typed, name);
  // what was sent cannot be called back
  const isSent = remove.isPending && remove.wait === 0;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (isSure && !remove.isPending) void remove.run();
  }
  return (
    <Modal title={t.deletion.title} onClose={isSent ? undefined : giveUp}>
      <form onSubmit={submit} className="grid gap-3">
        <p>{t.deletion.text}</p>
        <label htmlFor={field}>{t.deletion.type(name)}</label>
        <input id={field} value={typed} autoFocus autoComplete="off" onChange={(event) => setTyped(event.target.value)} className="control" />
        <Waiting wait={remove.wait} onStop={remove.stop} />
        {remove.error !== null && (isOutdated(remove.error) ? <p role="alert" className="text-danger">{t.deletion.changed}</p> : <ProblemNotice error={remove.error} />)}
        <div className="flex flex-wrap justify-end gap-2">
          <Button disabled={isSent} onClick={giveUp}>
            {t.common.cancel}
          </Button>
          <Button type="submit" look="danger" disabled={!isSure || remove.isPending}>
            {isSent ? t.deletion.underWay : t.deletion.button}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function isOutdated(error: unknown): boolean {
  return asProblem(error).status === 412;
}
