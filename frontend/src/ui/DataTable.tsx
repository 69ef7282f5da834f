import {
  type Cell,
  type ColumnDef,
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  useReactTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
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
    /** Buttons: on a phone card a row of their own, without the column's name. */
    action?: boolean;
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
const NEAR_END = 8;

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
  const isNearEnd = shown.length > 0 && last >= shown.length - NEAR_END;
  const reachEnd = useRef(onEnd);
  reachEnd.current = onEnd;
  // biome-ignore lint/correctness/useExhaustiveDependencies: more rows that still end in sight ask again
  useEffect(() => {
    if (isNearEnd) reachEnd.current?.();
  }, [isNearEnd, shown.length]);
  const grid = columns.map((column) => column.meta?.width ?? "minmax(0, 1fr)").join(" ");

  return (
    <div ref={box} className={classes.box}>
      <div
        role="table"
        aria-label={label}
        aria-rowcount={shown.length + (isPhone ? 0 : 1)}
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
                aria-rowindex={item.index + (isPhone ? 1 : 2)}
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
                {isPhone ? (
                  <Card cells={row.getVisibleCells()} />
                ) : (
                  row.getVisibleCells().map((cell) => (
                    <div
                      role="cell"
                      key={cell.id}
                      className={cell.column.columnDef.meta?.numeric ? classes.numeric : classes.cell}
                    >
                      {flexRender(cell.column.columnDef.cell, cell.getContext())}
                    </div>
                  ))
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** A row on a phone: what it is about on top with its buttons, below that pairs of name and figure. */
function Card<Row>({ cells }: { cells: Cell<Row, unknown>[] }) {
  const content = (cell: Cell<Row, unknown>) => flexRender(cell.column.columnDef.cell, cell.getContext());
  const isTop = ({ column: { columnDef } }: Cell<Row, unknown>) => columnDef.meta?.headline || columnDef.header === "";
  const isAction = ({ column: { columnDef } }: Cell<Row, unknown>) => columnDef.meta?.action === true;
  return (
    <>
      <div className={classes.headline}>
        {cells.filter(isTop).map((cell) => (
          <div role="cell" key={cell.id} className={cell.column.columnDef.header === "" ? classes.action : undefined}>
            {content(cell)}
          </div>
        ))}
      </div>
      {cells
        .filter((cell) => !isTop(cell) && !isAction(cell) && !cell.column.columnDef.meta?.wide)
        .map((cell) => (
          <div role="cell" key={cell.id} className={classes.pair}>
            <span className={classes.label}>{String(cell.column.columnDef.header)}</span>
            <span className={classes.value}>{content(cell)}</span>
          </div>
        ))}
      {cells.filter(isAction).map((cell) => (
        <div role="cell" key={cell.id} className={classes.buttons}>
          {content(cell)}
        </div>
      ))}
    </>
  );
}
