import { useState } from "react";
import classes from "./curves.module.css";
import { type CurveSeries, valueAt } from "./series";

const MOST_ROWS = 60;

interface CurveTableProps {
  series: readonly CurveSeries[];
  drawdown: readonly CurveSeries[];
  format: (value: number) => string;
  formatShare: (value: number) => string;
}

/** The picture's figures as a table, thinned to at most 60 instants; made only when it is opened. */
export function CurveTable(props: CurveTableProps) {
  const [open, setOpen] = useState(false);
  return (
    <details className={classes.table} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Figures as a table</summary>
      {open && <Rows {...props} />}
    </details>
  );
}

function Rows({ series, drawdown, format, formatShare }: CurveTableProps) {
  const times = thinned(series[0]?.points.map(([at]) => at) ?? []);
  const cell = (value: number | null, write: (value: number) => string) => (value === null ? "–" : write(value));
  return (
    <section className={classes.scroll} tabIndex={0} aria-label="Figures of the curves">
      <table>
        <thead>
          <tr>
            <th scope="col">UTC</th>
            {series.map((each) => (
              <th scope="col" key={each.key}>
                {each.label}
              </th>
            ))}
            {drawdown.map((each) => (
              <th scope="col" key={each.key}>
                {each.label}, drawdown
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((at) => (
            <tr key={at}>
              <th scope="row">{new Date(at * 1000).toISOString().slice(0, 16).replace("T", " ")}</th>
              {series.map((each) => (
                <td key={each.key}>{cell(valueAt(each.points, at), format)}</td>
              ))}
              {drawdown.map((each) => (
                <td key={each.key}>{cell(valueAt(each.points, at), formatShare)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function thinned(times: readonly number[]): number[] {
  const stride = Math.max(1, Math.ceil(times.length / MOST_ROWS));
  return times.filter((_, place) => place % stride === 0 || place === times.length - 1);
}
