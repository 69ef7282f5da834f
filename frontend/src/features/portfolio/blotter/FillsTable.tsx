import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import type { Fill } from "@/api/shapes";
import { DataTable } from "@/ui/DataTable";
import { dateTime, decimal, lots, money } from "@/ui/format";
import { Profit, SideTag } from "@/ui/Num";
import { named } from "./holdings";

interface FillsTableProps {
  rows: Fill[];
  digitsOf: (instrument: string) => number;
  onOpen: (orderId: string) => void;
  onEnd?: () => void;
}

export function FillsTable({ rows, digitsOf, onOpen, onEnd }: FillsTableProps) {
  const columns = useMemo(() => columnsOf(digitsOf), [digitsOf]);
  return (
    <DataTable
      rows={rows}
      columns={columns}
      label="Fills"
      rowKey={(fill) => fill.id}
      onOpen={(fill) => onOpen(fill.order)}
      onEnd={onEnd}
    />
  );
}

const columnsOf = (digitsOf: (name: string) => number): ColumnDef<Fill, unknown>[] => [
  {
    header: "Time",
    accessorKey: "executed_at",
    cell: ({ row }) => dateTime(row.original.executed_at),
    meta: { width: "minmax(112px, 1fr)" },
  },
  {
    header: "Instrument",
    accessorKey: "instrument",
    cell: ({ row }) => <strong>{row.original.instrument}</strong>,
    meta: { headline: true },
  },
  {
    header: "Side",
    accessorKey: "side",
    cell: ({ row }) => <SideTag side={row.original.side} />,
    meta: { width: "70px", headline: true },
  },
  {
    header: "Lots",
    id: "quantity",
    accessorFn: (fill) => Number(fill.quantity),
    cell: ({ row }) => lots(row.original.quantity),
    meta: { numeric: true },
  },
  {
    header: "Price",
    id: "price",
    accessorFn: (fill) => Number(fill.price),
    cell: ({ row }) => decimal(row.original.price, digitsOf(row.original.instrument)),
    meta: { numeric: true },
  },
  {
    header: "Profit",
    id: "profit",
    accessorFn: (fill) => Number(fill.profit),
    cell: ({ row }) => <Profit value={row.original.profit} />,
    meta: { numeric: true },
  },
  {
    header: "Commission",
    id: "commission",
    accessorFn: (fill) => Number(fill.commission),
    cell: ({ row }) => money(row.original.commission),
    meta: { numeric: true, wide: true },
  },
  {
    header: "Swap",
    id: "swap",
    accessorFn: (fill) => Number(fill.swap),
    cell: ({ row }) => money(row.original.swap),
    meta: { numeric: true, wide: true },
  },
  {
    header: "Cash",
    id: "cash",
    accessorFn: (fill) => Number(fill.cash_change),
    cell: ({ row }) => <Profit value={row.original.cash_change} />,
    meta: { numeric: true },
  },
  {
    header: "From",
    accessorKey: "source",
    cell: ({ row }) => named(row.original.source),
    meta: { width: "minmax(90px, 1.4fr)" },
  },
];
