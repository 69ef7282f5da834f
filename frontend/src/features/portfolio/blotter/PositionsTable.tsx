import { Button } from "@mantine/core";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import type { Position } from "@/api/shapes";
import { DataTable } from "@/ui/DataTable";
import { decimal, lots, signOf } from "@/ui/format";
import { Profit, SideTag } from "@/ui/Num";
import { Pill } from "@/ui/Pill";
import { type Holding, holdings } from "./holdings";

interface PositionsTableProps {
  rows: Position[];
  digitsOf: (instrument: string) => number;
  onChoose: (instrument: string) => void;
  onClose?: (position: Position) => void;
}

export function PositionsTable({ rows, digitsOf, onChoose, onClose }: PositionsTableProps) {
  const columns = useMemo(() => columnsOf(digitsOf, onClose), [digitsOf, onClose]);
  return (
    <DataTable
      rows={holdings(rows)}
      columns={columns}
      label="Positions"
      rowKey={({ position, isFlat }) => `${position.id}${isFlat ? " flat" : ""}`}
      onOpen={({ position }) => onChoose(position.instrument)}
    />
  );
}

function columnsOf(
  digitsOf: (name: string) => number,
  onClose?: (position: Position) => void,
): ColumnDef<Holding, unknown>[] {
  const columns: ColumnDef<Holding, unknown>[] = [
    {
      header: "Instrument",
      accessorFn: ({ position }) => position.instrument,
      id: "instrument",
      cell: ({ row }) => <strong>{row.original.position.instrument}</strong>,
      meta: { headline: true },
    },
    {
      header: "Side",
      id: "side",
      accessorFn: ({ position }) => signOf(position.quantity),
      cell: ({ row: { original } }) =>
        original.isFlat ? (
          <Pill title="Agents hold opposite sides that come to nothing together: the account holds none">flat</Pill>
        ) : (
          <SideTag side={signOf(original.position.quantity) < 0 ? "sell" : "buy"} />
        ),
      meta: { width: "70px", headline: true },
    },
    {
      header: "Lots",
      id: "quantity",
      accessorFn: ({ position }) => Number(position.quantity),
      cell: ({ row }) => lots(row.original.position.quantity.replace(/^-/, "")),
      meta: { numeric: true, width: "70px" },
    },
    {
      header: "Average",
      id: "average",
      accessorFn: ({ position }) => Number(position.average_price),
      cell: ({ row: { original } }) =>
        original.isFlat ? "–" : decimal(original.position.average_price, digitsOf(original.position.instrument)),
      meta: { numeric: true },
    },
    {
      header: "Mark",
      id: "mark",
      accessorFn: ({ position }) => Number(position.mark),
      cell: ({ row: { original } }) => (
        <>
          {original.position.stale && <Pill tone="warn">stale</Pill>}{" "}
          {decimal(original.position.mark, digitsOf(original.position.instrument))}
        </>
      ),
      meta: { numeric: true },
    },
    {
      header: "Open profit",
      id: "profit",
      accessorFn: ({ position }) => Number(position.open_profit),
      cell: ({ row: { original } }) => (
        <Profit value={original.position.open_profit} unit={original.position.profit_currency} />
      ),
      meta: { numeric: true },
    },
    {
      header: "Held by",
      id: "sources",
      accessorFn: ({ sources }) => sources,
      meta: { width: "minmax(120px, 1.8fr)" },
    },
  ];
  if (!onClose) return columns;
  return [
    ...columns,
    {
      header: "Close",
      id: "close",
      enableSorting: false,
      cell: ({ row: { original } }) =>
        original.isFlat ? null : (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Close position in ${original.position.instrument}`}
            onClick={(event) => {
              event.stopPropagation();
              onClose(original.position);
            }}
          >
            Close
          </Button>
        ),
      meta: { width: "64px", numeric: true },
    },
  ];
}
