import { useQuery } from "@tanstack/react-query";
import { call } from "../api/call";
import type { PrivacyRequest } from "../api/types";
import { ProblemNotice } from "../parts/notice";
import { Section } from "../parts/section";
import { useLocale } from "../texts/locale";
import { addressOf } from "./queries";

/** What this person asked for by a right of privacy, and where it stands. */
export function PrivacyRequests({ id }: { id: string }) {
  const { t, date } = useLocale();
  const requests = useQuery({
    queryKey: ["customer", id, "privacy"],
    queryFn: ({ signal }) => call<PrivacyRequest[]>(`${addressOf(id)}/privacy-requests`, { signal }),
  });
  return (
    <Section title={t.privacy.title}>
      {requests.isError && <ProblemNotice error={requests.error} onRetry={requests.refetch} />}
      {requests.data?.data.length === 0 && <p className="text-muted">{t.privacy.empty}</p>}
      <ul>
        {requests.data?.data.map((request) => (
          <li key={request.id} className="border-t border-line py-2 first:border-0">
            <strong className="font-medium">{t.privacy.kinds[request.kind]}</strong>: {t.privacy.statuses[request.status]}
            <p className="text-sm text-muted">
              {t.privacy.asked(date(request.requested_at))}
              {request.status === "scheduled" && `, ${t.privacy.due(date(request.due_at))}`}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
