import { Button } from "@mantine/core";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import type { Order } from "@/api/shapes";
import { DataTable } from "@/ui/DataTable";
import { dateTime, decimal, lots, words } from "@/ui/format";
import { SideTag } from "@/ui/Num";
import { StatusPill } from "../OrderStatus";

interface OrdersTableProps {
  rows: Order[];
  label: string;
  digitsOf: (instrument: string) => number;
  onOpen: (id: string) => void;
  onCancel?: (order: Order) => void;
  onEnd?: () => void;
}

export function OrdersTable({ rows, label, digitsOf, onOpen, onCancel, onEnd }: OrdersTableProps) {
  const columns = useMemo(() => columnsOf(digitsOf, onCancel), [digitsOf, onCancel]);
  return (
    <DataTable
      rows={rows}
      columns={columns}
      label={label}
      rowKey={(order) => order.id}
      onOpen={(order) => onOpen(order.id)}
      onEnd={onEnd}
    />
  );
}

function columnsOf(digitsOf: (name: string) => number, onCancel?: (order: Order) => void): ColumnDef<Order, unknown>[] {
  const price = (order: Order, value: string | null) => decimal(value, value ? digitsOf(order.instrument) : undefined);
  const columns: ColumnDef<Order, unknown>[] = [
    {
      header: "Time",
      accessorKey: "requested_at",
      cell: ({ row }) => dateTime(row.original.requested_at),
      meta: { width: "minmax(112px, 1.1fr)" },
    },
    {
      header: "Instrument",
      accessorKey: "instrument",
      cell: ({ row }) => (
        <>
          <strong>{row.original.instrument}</strong>
          {row.original.kind === "exit" ? " exit" : ""}
        </>
      ),
      meta: { width: "minmax(88px, 0.9fr)", headline: true },
    },
    {
      header: "Side",
      accessorKey: "side",
      cell: ({ row }) => <SideTag side={row.original.side} />,
      meta: { width: "58px", headline: true },
    },
    { header: "Type", accessorKey: "type", cell: ({ row }) => words(row.original.type), meta: { width: "58px" } },
    {
      header: "Lots",
      accessorFn: (order) => Number(order.quantity),
      id: "quantity",
      cell: ({ row }) => lots(row.original.quantity),
      meta: { numeric: true, width: "56px" },
    },
    {
      header: "Filled",
      accessorFn: (order) => Number(order.filled),
      id: "filled",
      cell: ({ row }) => lots(row.original.filled),
      meta: { numeric: true, width: "56px", wide: true },
    },
    {
      header: "Price",
      id: "price",
      accessorFn: (order) => Number(order.average_price ?? order.price ?? 0),
      cell: ({ row: { original } }) => price(original, original.average_price ?? original.price),
      meta: { numeric: true, width: "minmax(72px, 0.8fr)" },
    },
    {
      header: "SL",
      accessorKey: "stop_loss",
      cell: ({ row }) => price(row.original, row.original.stop_loss),
      meta: { numeric: true, width: "minmax(66px, 0.7fr)", wide: true },
    },
    {
      header: "TP",
      accessorKey: "take_profit",
      cell: ({ row }) => price(row.original, row.original.take_profit),
      meta: { numeric: true, width: "minmax(66px, 0.7fr)", wide: true },
    },
    {
      header: "From",
      accessorKey: "source_name",
      cell: ({ row }) => row.original.source_name || row.original.source,
      meta: { width: "minmax(90px, 1.2fr)" },
    },
    {
      header: "State",
      accessorKey: "status",
      cell: ({ row }) => <StatusPill order={row.original} />,
      meta: { width: "minmax(92px, 0.9fr)", headline: true },
    },
    {
      header: "Why",
      id: "why",
      enableSorting: false,
      accessorFn: (order) => order.reasons[0]?.text ?? "",
      cell: ({ getValue }) => <span title={String(getValue())}>{String(getValue())}</span>,
      meta: { width: "minmax(0, 1.8fr)", wide: true },
    },
  ];
  if (!onCancel) return columns;
  return [...columns.slice(0, -1), cancelColumn(onCancel)];
}

function cancelColumn(onCancel: (order: Order) => void): ColumnDef<Order, unknown> {
  return {
    header: "Cancel",
    id: "cancel",
    enableSorting: false,
    cell: ({ row }) => (
      <Button
        size="compact-xs"
        variant="default"
        disabled={row.original.status === "cancel_pending"}
        aria-label={`Cancel ${row.original.side} order of ${row.original.instrument}`}
        onClick={(event) => {
          event.stopPropagation();
          onCancel(row.original);
        }}
      >
        Cancel
      </Button>
    ),
    meta: { width: "68px", numeric: true },
  };
}
