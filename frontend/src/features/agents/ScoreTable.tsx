import type { EvaluationRow } from "@/api/shapes";
import { Swatch } from "@/ui/curves/Swatch";
import { money, percent, ratio } from "@/ui/format";
import classes from "./agents.module.css";
import { inOrder, rowLabel, strokeOf } from "./pictures";
import { grouped } from "./progress";

type Field = "net_return" | "sharpe" | "max_drawdown" | "trades" | "turnover" | "costs";

interface ScoreColumn {
  field: Field;
  label: string;
  /** Which end is better; absent where neither is. */
  better?: "more" | "less";
  write: (value: number | null) => string;
}

const COLUMNS: readonly ScoreColumn[] = [
  { field: "net_return", label: "Net return", better: "more", write: (value) => percent(value, 2, true) },
  { field: "sharpe", label: "Sharpe", better: "more", write: (value) => ratio(value) },
  {
    field: "max_drawdown",
    label: "Max drawdown",
    better: "less",
    write: (value) => percent(value === null ? null : Math.abs(value)),
  },
  { field: "trades", label: "Trades", write: (value) => (value === null ? "–" : grouped(Math.round(value))) },
  { field: "turnover", label: "Turnover", write: (value) => (value === null ? "–" : `${ratio(value, 1)} ×`) },
  {
    field: "costs",
    label: "Costs",
    better: "less",
    write: (value) => (value === null ? "–" : money(value.toFixed(2))),
  },
];

/** The names of the rows that are best in a column; ties share it, and a column of one value has none. */
export function bestIn(
  rows: readonly EvaluationRow[],
  { field, better }: Pick<ScoreColumn, "field" | "better">,
): Set<string> {
  const known = rows.flatMap((row) => {
    const value = row[field];
    return better && value !== null && Number.isFinite(value)
      ? [{ name: row.name, rank: better === "more" ? value : -Math.abs(value) }]
      : [];
  });
  const best = Math.max(...known.map(({ rank }) => rank));
  const winners = known.filter(({ rank }) => rank === best);
  return new Set(winners.length < known.length ? winners.map(({ name }) => name) : []);
}

export function ScoreTable({ rows, period }: { rows: readonly EvaluationRow[]; period: string }) {
  const ordered = inOrder(rows.map((row) => row.name)).flatMap((name) => rows.find((row) => row.name === name) ?? []);
  const best = new Map(COLUMNS.map((column) => [column.field, bestIn(rows, column)]));
  return (
    <section className={classes.scroll} tabIndex={0} aria-label="Results beside each other">
      <table className={classes.scores}>
        <caption>
          <span>{period}</span>
          <span>
            <span className={classes.star} aria-hidden="true">
              ★
            </span>
            best in its column
          </span>
        </caption>
        <thead>
          <tr>
            <th scope="col">Policy</th>
            {COLUMNS.map(({ field, label }) => (
              <th scope="col" key={field}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ordered.map((row) => (
            <tr key={row.name} className={row.name === "agent" ? classes.own : undefined}>
              <th scope="row">
                <Swatch {...strokeOf(row.name)} />
                {rowLabel(row.name)}
              </th>
              {COLUMNS.map((column) => (
                <Score
                  key={column.field}
                  row={row}
                  column={column}
                  isBest={best.get(column.field)?.has(row.name) ?? false}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Score({ row, column, isBest }: { row: EvaluationRow; column: ScoreColumn; isBest: boolean }) {
  const hasSpan = column.field === "net_return" && row.low != null && row.high != null;
  return (
    <td className={isBest ? classes.best : undefined}>
      {isBest && (
        <>
          <span className={classes.star} aria-hidden="true">
            ★
          </span>
          <span className={classes.hidden}>best: </span>
        </>
      )}
      {column.write(row[column.field])}
      {hasSpan && (
        <span className={classes.span}>
          5–95 %: {percent(row.low, 1, true)} to {percent(row.high, 1, true)}
        </span>
      )}
    </td>
  );
}
