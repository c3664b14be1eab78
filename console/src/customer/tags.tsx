import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { call, newKey } from "../api/call";
import type { Customer } from "../api/types";
import { useWrite } from "../api/use-write";
import { ProblemNotice } from "../parts/notice";
import { Section } from "../parts/section";
import { TagChip } from "../parts/tag-chip";
import { TagInput } from "../parts/tag-input";
import { Waiting } from "../parts/waiting";
import { useLocale } from "../texts/locale";
import { addressOf, changed } from "./queries";

export function CustomerTags({ customer }: { customer: Customer }) {
  const { t } = useLocale();
  const client = useQueryClient();
  const onDone = () => changed(client, customer.id);
  const address = `${addressOf(customer.id)}/tags`;
  const attach = useWrite(
    ({ tag, key }: { tag: string; key: string }) =>
      call(address, { method: "POST", body: { tags: [tag] }, headers: { "Idempotency-Key": key } }),
    onDone,
  );
  const detach = useWrite((tag: string) => call(`${address}/${encodeURIComponent(tag)}`, { method: "DELETE" }), onDone);
  const going = useRef(new Set<string>());
  async function remove(tag: string) {
    if (going.current.has(tag)) return; // a second click while it waits
    going.current.add(tag);
    await detach.run(tag);
    going.current.delete(tag);
  }
  return (
    <Section title={t.fields["tags"] ?? ""} items={customer.tags?.length ?? 0}>
      <div className="mb-3 flex flex-wrap gap-1.5">
        {(customer.tags ?? []).map((tag) => (
          <TagChip key={tag} tag={tag} onRemove={() => remove(tag)} />
        ))}
      </div>
      <TagInput
        label={t.list.addTag}
        button={t.common.add}
        draft={`${customer.id}.tag`}
        isBusy={attach.isPending}
        error={attach.error}
        onAdd={(tag) => attach.run({ tag, key: newKey() })}
      />
      <Waiting wait={attach.wait || detach.wait} onStop={() => [attach, detach].forEach(({ stop }) => stop())} />
      {detach.error !== null && <ProblemNotice error={detach.error} />}
    </Section>
  );
}
