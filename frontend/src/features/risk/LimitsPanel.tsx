import type { ReactNode } from "react";
import type { Limit } from "@/api/shapes";
import { figure } from "@/ui/figures";
import { percent } from "@/ui/format";
import { Panel } from "@/ui/Panel";
import { Answered, Empty } from "@/ui/States";
import { fillOf, markOf, nameOf, toneOf, useLimits, wordsOf } from "./limits";
import classes from "./limits.module.css";

interface LimitsPanelProps {
  account: string;
  title?: ReactNode;
  className?: string;
  stale?: string | false;
}

/** Headroom bars of the account, its desk and one's own orders: those most used first. */
export function LimitsPanel({ account, title = "Limits", className, stale }: LimitsPanelProps) {
  const query = useLimits(account);
  return (
    <Panel title={title} className={className} stale={query.isError ? "not renewed" : stale}>
      <Answered query={query} what="seeing limits of this account">
        {(limits) =>
          limits.length === 0 ? (
            <Empty title="No limit in force" hint="Entries are denied until risk staff put limits in force." />
          ) : (
            <Limits limits={limits} />
          )
        }
      </Answered>
    </Panel>
  );
}

function Limits({ limits }: { limits: readonly Limit[] }) {
  const standing = limits.filter(({ each_order }) => !each_order);
  const bounds = limits.filter(({ each_order }) => each_order);
  const over = standing.filter(({ is_over }) => is_over);
  return (
    <>
      {over.length > 0 && (
        <p className={classes.over} role="alert">
          {over.length === 1 ? "A limit is" : `${over.length} limits are`} exceeded: no entry passes until it is back.
        </p>
      )}
      <ul className={classes.list} aria-label="Limits, those most used first">
        {standing.map((limit) => (
          <Row key={keyOf(limit)} limit={limit} />
        ))}
      </ul>
      {bounds.length > 0 && (
        <details className={classes.bounds}>
          <summary>{bounds.length} bounds of each order</summary>
          <ul>
            {bounds.map((limit) => (
              <li key={keyOf(limit)}>
                <span>
                  {limit.scope_name}, {nameOf(limit)}
                </span>
                <span>{limit.hard === null ? "unknown" : figure(limit.hard, limit.unit, limit.currency)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

const keyOf = ({ scope, metric, counts }: Limit) => `${scope} ${metric} ${counts}`;

const SAYS = { over: "over its limit", soft: "beyond its soft mark", unknown: "not known", good: "" };

function Row({ limit }: { limit: Limit }) {
  const tone = toneOf(limit);
  const mark = markOf(limit);
  return (
    <li className={classes.row} data-tone={tone}>
      <span className={classes.name}>
        <span className={classes.scope}>{limit.scope_name}</span> {nameOf(limit)}
        {SAYS[tone] && <em>{SAYS[tone]}</em>}
      </span>
      <span className={classes.share}>{limit.share === null ? "–" : percent(limit.share, 1)}</span>
      <span className={classes.track} aria-hidden="true">
        <i style={{ width: `${fillOf(limit) * 100}%` }} />
        {mark !== null && <b style={{ left: `${mark * 100}%` }} />}
      </span>
      <span className={classes.words}>{wordsOf(limit)}</span>
    </li>
  );
}
