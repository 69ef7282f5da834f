import { Link } from "@tanstack/react-router";
import type { Signal } from "@/api/shapes";
import { dateTime, words } from "@/ui/format";
import { Panel } from "@/ui/Panel";
import { Pill, type Tone } from "@/ui/Pill";
import { Answered, Empty } from "@/ui/States";
import classes from "./agents.module.css";
import { useSignals } from "./reading";

const OUTCOMES: Record<string, Tone> = {
  approved: "good",
  denied: "bad",
  refused: "bad",
  expired: "warn",
  open: "info",
};

/** What the agent wanted at its last closed bars, and what became of it. */
export function Signals({ slug }: { slug: string }) {
  const { query, signals } = useSignals(slug);
  return (
    <Panel title="Signals" flush>
      <Answered query={{ ...query, data: signals }} what="seeing this agent's signals">
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No signal yet" hint="One comes at the close of a bar." />
          ) : (
            <SignalList signals={rows} />
          )
        }
      </Answered>
    </Panel>
  );
}

export function SignalList({ signals }: { signals: readonly Signal[] }) {
  return (
    <section className={classes.signals} tabIndex={0} aria-label="Latest signals">
      <ul className={classes.rows}>
        {signals.map((signal) => (
          <li key={signal.id} className={classes.signal}>
            <time dateTime={signal.bar_close_at} className={classes.when}>
              {dateTime(signal.bar_close_at, { seconds: false })}
            </time>
            <span className={classes.wish}>{wishOf(Number(signal.target ?? 0))}</span>
            <Pill tone={OUTCOMES[signal.outcome] ?? "plain"}>{words(signal.outcome)}</Pill>
            <span className={classes.rowActions}>
              {signal.orders.map((order, leg) => (
                <Link
                  key={order}
                  to="/orders/$id"
                  params={{ id: order }}
                  aria-label={`Order ${leg + 1} of this signal`}
                >
                  {signal.orders.length > 1 ? `#${leg + 1}` : "Order"}
                </Link>
              ))}
            </span>
            {signal.outcome_text && <span className={classes.outcomeText}>{signal.outcome_text}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A target of -1 to 1 in words. */
export function wishOf(target: number): string {
  if (target === 0) return "■ flat";
  const size = Math.abs(target) < 1 ? ` ${Math.round(Math.abs(target) * 100)} %` : "";
  return target > 0 ? `▲ long${size}` : `▼ short${size}`;
}
