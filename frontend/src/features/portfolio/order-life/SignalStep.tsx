import { Link } from "@tanstack/react-router";
import type { OrderLife } from "@/api/shapes";
import { trimmed } from "@/ui/figures";
import { dateTime, ratio, words } from "@/ui/format";
import classes from "./order-life.module.css";

type Seen = NonNullable<OrderLife["signal"]>;

/** What the agent wanted, and what it saw when it did. */
export function SignalStep({ signal }: { signal: Seen }) {
  const target = Number(signal.target ?? 0);
  const seen = Object.entries(signal.observation);
  return (
    <div>
      <p className={classes.line}>
        <Link to="/agents/$slug" params={{ slug: signal.agent }}>
          {signal.agent}
        </Link>{" "}
        wanted <strong>{target > 0 ? "▲ long" : target < 0 ? "▼ short" : "■ flat"}</strong>
        {target !== 0 && ` (target ${ratio(target)})`} at the close of the bar of{" "}
        {dateTime(signal.bar_close_at, { year: true })} UTC, with {signal.instrument} at{" "}
        {trimmed(signal.reference_price)}.
      </p>
      <p className={classes.soft}>
        {[
          signal.version ? `version ${signal.version}` : "",
          `outcome: ${words(signal.outcome)}`,
          signal.outcome === "denied" ? "" : signal.outcome_text,
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {seen.length > 0 && (
        <details className={classes.fold}>
          <summary>What the agent saw: {seen.length} values</summary>
          <dl className={classes.observation}>
            {seen.map(([column, value]) => (
              <div key={column}>
                <dt>{words(column)}</dt>
                <dd>{Number(value.toPrecision(5)).toString().replace("-", "−")}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}
