import { useQueryClient } from "@tanstack/react-query";
import { call, newKey } from "../api/call";
import type { Customer } from "../api/types";
import { tell } from "../parts/news";
import { ProblemNotice } from "../parts/notice";
import { Section } from "../parts/section";
import { useSettled } from "../parts/settled";
import { TagChip } from "../parts/tag-chip";
import { TagInput } from "../parts/tag-input";
import { Waiting } from "../parts/waiting";
import { useLocale } from "../texts/locale";
import { addressOf, changed } from "./queries";
import { removeTag } from "./tag-removal";
import { useChange, useRemoval } from "./use-change";

export function CustomerTags({ customer }: { customer: Customer }) {
  const { t } = useLocale();
  const client = useQueryClient();
  const address = `${addressOf(customer.id)}/tags`;
  const attach = useChange(
    customer.id,
    ({ tag, key }: { tag: string; key: string }) =>
      call(address, { method: "POST", body: { tags: [tag] }, headers: { "Idempotency-Key": key } }),
    async () => {
      await changed(client, customer.id);
      tell("tagAdded");
    },
  );
  const detach = useRemoval(customer.id, (tag: string) => removeTag(customer.id, tag), "tagRemoved");
  // where one goes the next one comes under the pointer
  const isSettled = useSettled((customer.tags ?? []).join("\n"));
  return (
    <Section title={t.fields["tags"] ?? ""} items={customer.tags?.length ?? 0}>
      <div className="mb-3 flex flex-wrap gap-1.5">
        {(customer.tags ?? []).map((tag) => (
          <TagChip key={tag} tag={tag} isOff={detach.isPending || !isSettled} onRemove={() => void detach.run(tag)} />
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
