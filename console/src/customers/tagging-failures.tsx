import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { customerOptions } from "../customer/queries";
import { Link } from "../router";
import { useLocale } from "../texts/locale";
import { type Failure, type Reason, withReason } from "./tagging";

const REASONS: Reason[] = ["full", "refused", "passing", "gone"];
/** Names that are told of each reason; each is asked for once somebody wants to see it. */
const NAMED = 10;

/** How many could not be changed by each reason, and on demand who. */
export function TaggingFailures({ failed }: { failed: Failure[] }) {
  const { t } = useLocale();
  return (
    <ul className="max-h-[40vh] overflow-y-auto text-sm">
      {REASONS.map((reason) => ({ reason, ids: withReason(failed, reason) }))
        .filter(({ ids }) => ids.length > 0)
        .map(({ reason, ids }) => (
          <li key={reason}>{reason === "gone" ? t.tagging.reasons.gone(ids.length) : <Named text={t.tagging.reasons[reason](ids.length)} ids={ids} />}</li>
        ))}
    </ul>
  );
}

function Named({ text, ids }: { text: string; ids: string[] }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text}</summary>
      {isOpen && <Names ids={ids} />}
    </details>
  );
}

/** Where the service does not tell a name, the id leads to the customer as well. */
function Names({ ids }: { ids: string[] }) {
  const { t, number } = useLocale();
  const named = ids.slice(0, NAMED);
  const customers = useQueries({ queries: named.map(customerOptions) });
  const rest = ids.length - named.length;
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 py-1 pl-4">
      {named.map((id, index) => (
        <li key={id}>
          <Link to={`/customers/${id}`} className="text-accent underline">
            {customers[index]?.data?.data.full_name ?? id}
          </Link>
        </li>
      ))}
      {rest > 0 && <li>{t.tagging.others(rest, number(rest))}</li>}
    </ul>
  );
}
