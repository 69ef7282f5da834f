import type { ColumnDef } from "@tanstack/react-table";
import type { Signal } from "@/api/shapes";
import { DataTable } from "@/ui/DataTable";
import { dateTime, decimal, words } from "@/ui/format";
import { Pill, type Tone } from "@/ui/Pill";

interface SignalsTableProps {
  rows: Signal[];
  onOpen: (orderId: string) => void;
  onEnd?: () => void;
}

export function SignalsTable({ rows, onOpen, onEnd }: SignalsTableProps) {
  return (
    <DataTable
      rows={rows}
      columns={COLUMNS}
      label="Signals"
      rowKey={(signal) => String(signal.id)}
      onOpen={(signal) => signal.orders[0] && onOpen(signal.orders[0])}
      onEnd={onEnd}
    />
  );
}

function toneOf(outcome: string): Tone {
  if (/denied|refused|expired/.test(outcome)) return "warn";
  if (/approved|open/.test(outcome)) return "good";
  return "plain";
}

/** +1 long, -1 short, 0 flat, as an agent asked for. */
function wish(target: Signal["target"]): string {
  if (target === 0) return "flat";
  return `${target > 0 ? "▲ long" : "▼ short"} ${decimal(String(Math.abs(target)), 2)}`;
}

const COLUMNS: ColumnDef<Signal, unknown>[] = [
  {
    header: "Bar close",
    accessorKey: "bar_close_at",
    cell: ({ row }) => dateTime(row.original.bar_close_at, { seconds: false }),
    meta: { width: "minmax(96px, 0.8fr)" },
  },
  { header: "Agent", accessorKey: "agent", meta: { width: "minmax(100px, 1.2fr)" } },
  {
    header: "Instrument",
    accessorKey: "instrument",
    cell: ({ row }) => <strong>{row.original.instrument}</strong>,
    meta: { headline: true },
  },
  {
    header: "Wants",
    id: "target",
    accessorFn: ({ target }) => Number(target),
    cell: ({ row }) => wish(row.original.target),
    meta: { headline: true },
  },
  {
    header: "Price then",
    accessorKey: "reference_price",
    cell: ({ row }) => decimal(row.original.reference_price),
    meta: { numeric: true, wide: true },
  },
  {
    header: "Outcome",
    accessorKey: "outcome",
    cell: ({ row }) => <Pill tone={toneOf(row.original.outcome)}>{words(row.original.outcome)}</Pill>,
  },
  {
    header: "In words",
    accessorKey: "outcome_text",
    enableSorting: false,
    cell: ({ row }) => <span title={row.original.outcome_text}>{row.original.outcome_text}</span>,
    meta: { width: "minmax(0, 2.4fr)", wide: true },
  },
];
