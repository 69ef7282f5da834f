import { type ColumnDef, flexRender, getCoreRowModel, getSortedRowModel, useReactTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";
import classes from "./DataTable.module.css";
import { useIsPhone } from "./phone";

declare module "@tanstack/react-table" {
  interface ColumnMeta<TData, TValue> {
    /** Right-aligned tabular figures. */
    numeric?: boolean;
    /** Not worth room on a phone card. */
    wide?: boolean;
    /** On a phone card: the card's headline instead of a labelled line. */
    headline?: boolean;
    /** Share of the width, as of CSS grid ("1.4fr", "90px"). */
    width?: string;
  }
}

interface DataTableProps<Row> {
  rows: Row[];
  columns: ColumnDef<Row, unknown>[];
  rowKey: (row: Row) => string;
  label: string;
  onOpen?: (row: Row) => void;
  /** Called when the last rows come near: fetch the next page. */
  onEnd?: () => void;
}

const ROW_PX = 28;
const CARD_PX = 92;

/** Rows of figures: sorted by any head, drawn only where seen; cards below 768 px. */
export function DataTable<Row>({ rows, columns, rowKey, label, onOpen, onEnd }: DataTableProps<Row>) {
  const isPhone = useIsPhone();
  const [sorting, setSorting] = useState<{ id: string; desc: boolean }[]>([]);
  const table = useReactTable({
    data: rows,
    columns,
    state: { sorting },
    onSortingChange: setSorting,
    getRowId: rowKey,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  const box = useRef<HTMLDivElement>(null);
  const shown = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => (isPhone ? CARD_PX : ROW_PX),
    overscan: 12,
    initialRect: { width: 800, height: 600 },
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  if (onEnd && shown.length > 0 && last >= shown.length - 8) queueMicrotask(onEnd);
  const grid = columns.map((column) => column.meta?.width ?? "minmax(0, 1fr)").join(" ");

  return (
    <div ref={box} className={classes.box}>
      <div
        role="table"
        aria-label={label}
        aria-rowcount={shown.length}
        className={isPhone ? classes.cards : classes.table}
      >
        {!isPhone && (
          <div role="rowgroup" className={classes.heads}>
            {table.getHeaderGroups().map((group) => (
              <div role="row" key={group.id} className={classes.row} style={{ gridTemplateColumns: grid }}>
                {group.headers.map((head) => {
                  const dir = head.column.getIsSorted();
                  return (
                    <div
                      role="columnheader"
                      key={head.id}
                      aria-sort={dir ? (dir === "asc" ? "ascending" : "descending") : "none"}
                      className={head.column.columnDef.meta?.numeric ? classes.numeric : undefined}
                    >
                      {head.column.getCanSort() ? (
                        <button type="button" className={classes.sort} onClick={head.column.getToggleSortingHandler()}>
                          {flexRender(head.column.columnDef.header, head.getContext())}
                          {dir ? (dir === "asc" ? " ↑" : " ↓") : ""}
                        </button>
                      ) : (
                        flexRender(head.column.columnDef.header, head.getContext())
                      )}
                    </div>
                  );
                })}
              </div>
            ))}
          </div>
        )}
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {items.map((item) => {
            const row = shown[item.index];
            if (!row) return null;
            const open = onOpen ? () => onOpen(row.original) : undefined;
            return (
              <div
                role="row"
                key={row.id}
                data-index={item.index}
                ref={isPhone ? virtual.measureElement : undefined}
                tabIndex={open ? 0 : undefined}
                className={`${isPhone ? classes.card : classes.row} ${open ? classes.open : ""}`}
                style={{ gridTemplateColumns: isPhone ? undefined : grid, transform: `translateY(${item.start}px)` }}
                onClick={open}
                onKeyDown={
                  open ? (event) => event.key === "Enter" && event.target === event.currentTarget && open() : undefined
                }
              >
                {row.getVisibleCells().map((cell) => {
                  const { meta, header } = cell.column.columnDef;
                  if (isPhone && meta?.wide) return null;
                  const content = flexRender(cell.column.columnDef.cell, cell.getContext());
                  const tone = isPhone
                    ? meta?.headline
                      ? classes.headline
                      : classes.pair
                    : meta?.numeric
                      ? classes.numeric
                      : classes.cell;
                  return (
                    <div role="cell" key={cell.id} className={tone}>
                      {isPhone && !meta?.headline && typeof header === "string" && header && (
                        <span className={classes.label}>{header}</span>
                      )}
                      {content}
                    </div>
                  );
                })}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
