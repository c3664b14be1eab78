import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call, newKey } from "../api/call";
import type { Customer } from "../api/types";
import { ProblemNotice } from "../parts/notice";
import { Section } from "../parts/section";
import { TagChip } from "../parts/tag-chip";
import { TagInput } from "../parts/tag-input";
import { useLocale } from "../texts/locale";
import { addressOf, changed } from "./queries";

export function CustomerTags({ customer }: { customer: Customer }) {
  const { t } = useLocale();
  const client = useQueryClient();
  const onSuccess = () => changed(client, customer.id);
  const address = `${addressOf(customer.id)}/tags`;
  const attach = useMutation({
    mutationFn: ({ tag, key }: { tag: string; key: string }) =>
      call(address, { method: "POST", body: { tags: [tag] }, headers: { "Idempotency-Key": key } }),
    onSuccess,
  });
  const detach = useMutation({
    mutationFn: (tag: string) => call(`${address}/${encodeURIComponent(tag)}`, { method: "DELETE" }),
    onSuccess,
  });
  const error = attach.error ?? detach.error;
  return (
    <Section title={t.fields["tags"] ?? ""} items={customer.tags?.length ?? 0}>
      <div className="mb-3 flex flex-wrap gap-1.5">
        {(customer.tags ?? []).map((tag) => (
          <TagChip key={tag} tag={tag} onRemove={() => detach.mutate(tag)} />
        ))}
      </div>
      <TagInput
        label={t.list.addTag}
        button={t.common.add}
        draft={`${customer.id}.tag`}
        isBusy={attach.isPending}
        onAdd={(tag) => attach.mutateAsync({ tag, key: newKey() })}
      />
      {error && <ProblemNotice error={error} />}
    </Section>
  );
}
