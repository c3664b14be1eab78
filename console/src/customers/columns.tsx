import { type ColumnDef, createColumnHelper } from "@tanstack/react-table";
import type { Customer } from "../api/types";
import { TagChip } from "../parts/tag-chip";
import { Link } from "../router";
import { useLocale } from "../texts/locale";

export type ColumnId = "full_name" | "email" | "phone" | "tags" | "total_orders" | "lifetime_value" | "created_at" | "gender" | "business_id";
export const COLUMN_IDS: ColumnId[] = ["full_name", "email", "phone", "tags", "total_orders", "lifetime_value", "created_at", "gender", "business_id"];
export const SORTABLE = new Set<ColumnId>(["full_name", "total_orders", "lifetime_value", "created_at"]);

/**
 * Width, and how wide a window is, in rem, that has the column where nobody chose any; one that has none has it only when
 * it is chosen. Every width is fixed: what a window has more is shared out, and in a window that has less the table
 * scrolls sideways.
 */
export const LAYOUT: Record<ColumnId, { width: string; from: number | null; align: string }> = {
  full_name: { width: "w-36 sm:w-48", from: 0, align: "text-left" },
  email: { width: "w-52", from: 48, align: "text-left" },
  phone: { width: "w-36", from: 64, align: "text-left" },
  tags: { width: "w-56", from: 80, align: "text-left" },
  total_orders: { width: "w-24", from: 40, align: "text-right" },
  lifetime_value: { width: "w-36", from: 0, align: "text-right" },
  created_at: { width: "w-32", from: 64, align: "text-right" },
  gender: { width: "w-32", from: null, align: "text-left" },
  business_id: { width: "w-[18rem]", from: null, align: "text-left" },
};

const column = createColumnHelper<Customer>();

export const COLUMNS = [
  column.accessor("full_name", { cell: ({ row, table }) => <Name customer={row.original} hasEmail={table.getColumn("email")?.getIsVisible() ?? false} /> }),
  column.accessor("email", { cell: ({ getValue }) => <Plain value={getValue()} /> }),
  column.accessor("phone", { cell: ({ getValue }) => <Plain value={getValue()} /> }),
  column.accessor("tags", { cell: ({ getValue }) => <Tags tags={getValue() ?? []} /> }),
  column.accessor("total_orders", { cell: ({ getValue }) => <Count value={getValue()} /> }),
  column.accessor("lifetime_value", { cell: ({ getValue }) => <Amount value={getValue()} /> }),
  column.accessor("created_at", { cell: ({ getValue }) => <Day value={getValue()} /> }),
  column.accessor("gender", { cell: ({ getValue }) => <GenderCell value={getValue()} /> }),
  column.accessor("business_id", { cell: ({ getValue }) => <Plain value={getValue()} /> }),
] as ColumnDef<Customer>[];

/** On a narrow window with the e-mail below the name, where that has no column of its own. */
function Name({ customer, hasEmail }: { customer: Customer; hasEmail: boolean }) {
  const contact = customer.email ?? customer.phone;
  return (
    <>
      <Link to={`/customers/${customer.id}`} title={customer.full_name} className="block truncate font-medium text-accent hover:underline">
        {customer.full_name}
      </Link>
      {contact && !hasEmail && (
        <span title={contact} className="block truncate text-sm text-muted md:hidden">
          {contact}
        </span>
      )}
    </>
  );
}

function Plain({ value }: { value: string | null }) {
  return (
    <span title={value ?? undefined} className="block truncate">
      {value}
    </span>
  );
}

/** The first two, and how many more; all of them in the title. */
function Tags({ tags }: { tags: string[] }) {
  return (
    <span title={tags.join(", ")} className="flex items-center gap-1">
      <span className="flex min-w-0 gap-1 *:min-w-0">
        {tags.slice(0, 2).map((tag) => (
          <TagChip key={tag} tag={tag} />
        ))}
      </span>
      {tags.length > 2 && <span className="shrink-0 text-sm text-muted">+{tags.length - 2}</span>}
    </span>
  );
}

function Count({ value }: { value: number }) {
  return useLocale().number(value);
}

function Amount({ value }: { value: string }) {
  return useLocale().money(value);
}

function Day({ value }: { value: string }) {
  return useLocale().date(value);
}

function GenderCell({ value }: { value: string | null }) {
  const { t } = useLocale();
  return value ? (t.genders[value] ?? value) : null;
}
