import { Button } from "@mantine/core";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import type { Order } from "@/api/shapes";
import { DataTable } from "@/ui/DataTable";
import { dateTime, decimal, lots, words } from "@/ui/format";
import { SideTag } from "@/ui/Num";
import { whyNot } from "../changing/change";
import { StatusPill } from "../OrderStatus";

interface OrdersTableProps {
  rows: Order[];
  label: string;
  digitsOf: (instrument: string) => number;
  onOpen: (id: string) => void;
  onChange?: (order: Order) => void;
  onCancel?: (order: Order) => void;
  onEnd?: () => void;
}

export function OrdersTable({ rows, label, digitsOf, onOpen, onChange, onCancel, onEnd }: OrdersTableProps) {
  const columns = useMemo(() => {
    const acting = onChange || onCancel ? [actions({ onChange, onCancel })] : null;
    const columns = columnsOf(digitsOf);
    return acting ? [...columns.slice(0, -1), ...acting] : columns;
  }, [digitsOf, onChange, onCancel]);
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

function columnsOf(digitsOf: (name: string) => number): ColumnDef<Order, unknown>[] {
  const price = (order: Order, value: string | null) => decimal(value, value ? digitsOf(order.instrument) : undefined);
  return [
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
    { header: "Type", accessorKey: "type", cell: ({ row }) => words(row.original.type), meta: { width: "46px" } },
    {
      header: "Lots",
      accessorFn: (order) => Number(order.quantity),
      id: "quantity",
      cell: ({ row }) => lots(row.original.quantity),
      meta: { numeric: true, width: "48px" },
    },
    {
      header: "Filled",
      accessorFn: (order) => Number(order.filled),
      id: "filled",
      cell: ({ row }) => lots(row.original.filled),
      meta: { numeric: true, width: "48px", wide: true },
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
      meta: { width: "minmax(64px, 1.2fr)" },
    },
    {
      header: "State",
      accessorKey: "status",
      cell: ({ row }) => <StatusPill order={row.original} />,
      meta: { width: "minmax(114px, 0.9fr)", headline: true },
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
}

type Acting = Pick<OrdersTableProps, "onChange" | "onCancel">;

/** What a person may do with an order that works; in place of why it was denied. */
function actions({ onChange, onCancel }: Acting): ColumnDef<Order, unknown> {
  return {
    header: "Actions",
    id: "actions",
    enableSorting: false,
    cell: ({ row: { original } }) => (
      <>
        {onChange && <Action name="Change" order={original} onPress={onChange} why={whyNot(original)} />}
        {onCancel && (
          <Action
            name="Cancel"
            order={original}
            onPress={onCancel}
            why={original.status === "cancel_pending" ? "the venue is asked already" : ""}
          />
        )}
      </>
    ),
    meta: { width: onChange && onCancel ? "138px" : "68px", numeric: true, action: true },
  };
}

interface ActionProps {
  name: string;
  order: Order;
  onPress: (order: Order) => void;
  /** Why it cannot be done now, or empty. */
  why: string;
}

function Action({ name, order, onPress, why }: ActionProps) {
  return (
    <Button
      size="compact-xs"
      variant="default"
      ml={4}
      disabled={why !== ""}
      title={why ? `Not now: ${why}` : undefined}
      aria-label={`${name} ${order.side} order of ${order.instrument}`}
      onClick={(event) => {
        event.stopPropagation();
        onPress(order);
      }}
    >
      {name}
    </Button>
  );
}
