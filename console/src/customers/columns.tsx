import { type ColumnDef, createColumnHelper } from "@tanstack/react-table";
import type { Customer } from "../api/types";
import { TagChip } from "../parts/tag-chip";
import { Link } from "../router";
import { useLocale } from "../texts/locale";

export type ColumnId = "full_name" | "email" | "phone" | "tags" | "total_orders" | "lifetime_value" | "created_at" | "gender" | "business_id";
export const COLUMN_IDS: ColumnId[] = ["full_name", "email", "phone", "tags", "total_orders", "lifetime_value", "created_at", "gender", "business_id"];
export const FIRST_SHOWN: ColumnId[] = ["full_name", "email", "phone", "tags", "total_orders", "lifetime_value", "created_at"];
export const SORTABLE = new Set<ColumnId>(["full_name", "total_orders", "lifetime_value", "created_at"]);

/**
 * Width, and from which width of the window on it is there at all: a phone shows names and values, and what was chosen.
 * Every width is fixed: what a window has more is shared out, and in a window that has less the table scrolls sideways.
 */
export const LAYOUT: Record<ColumnId, { width: string; shown: string; align: string }> = {
  full_name: { width: "w-36 sm:w-48", shown: "", align: "text-left" },
  email: { width: "w-52", shown: "max-md:hidden", align: "text-left" },
  phone: { width: "w-36", shown: "max-lg:hidden", align: "text-left" },
  tags: { width: "w-44", shown: "max-xl:hidden", align: "text-left" },
  total_orders: { width: "w-24", shown: "max-sm:hidden", align: "text-right" },
  lifetime_value: { width: "w-36", shown: "", align: "text-right" },
  created_at: { width: "w-32", shown: "max-lg:hidden", align: "text-right" },
  gender: { width: "w-32", shown: "", align: "text-left" },
  business_id: { width: "w-[18rem]", shown: "", align: "text-left" },
};

const column = createColumnHelper<Customer>();

export const COLUMNS = [
  column.accessor("full_name", { cell: ({ row }) => <Name customer={row.original} /> }),
  column.accessor("email", { cell: ({ getValue }) => <Plain value={getValue()} /> }),
  column.accessor("phone", { cell: ({ getValue }) => <Plain value={getValue()} /> }),
  column.accessor("tags", { cell: ({ getValue }) => <Tags tags={getValue() ?? []} /> }),
  column.accessor("total_orders", { cell: ({ getValue }) => <Count value={getValue()} /> }),
  column.accessor("lifetime_value", { cell: ({ getValue }) => <Amount value={getValue()} /> }),
  column.accessor("created_at", { cell: ({ getValue }) => <Day value={getValue()} /> }),
  column.accessor("gender", { cell: ({ getValue }) => <GenderCell value={getValue()} /> }),
  column.accessor("business_id", { cell: ({ getValue }) => <Plain value={getValue()} /> }),
] as ColumnDef<Customer>[];

function Name({ customer }: { customer: Customer }) {
  return (
    <>
      <Link to={`/customers/${customer.id}`} className="block truncate font-medium text-accent hover:underline">
        {customer.full_name}
      </Link>
      <span className="block truncate text-sm text-muted md:hidden">{customer.email ?? customer.phone}</span>
    </>
  );
}

function Plain({ value }: { value: string | null }) {
  return <span className="block truncate">{value}</span>;
}

function Tags({ tags }: { tags: string[] }) {
  return (
    <span className="flex gap-1 overflow-hidden *:min-w-0 *:first:max-w-28 *:first:shrink-0">
      {tags.slice(0, 2).map((tag) => (
        <TagChip key={tag} tag={tag} />
      ))}
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
