import type { ReactNode } from "react";
import classes from "./order-life.module.css";
import { gapWords, type StepTone } from "./timeline";
import { clock, date } from "./writing";

interface TimelineItemProps {
  at: string | null;
  gap_ms: number | null;
  title: ReactNode;
  tone?: StepTone;
  /** Right of the title: took so long, moved from to. */
  aside?: ReactNode;
  children?: ReactNode;
}

const MARKS: Record<StepTone, string> = { plain: "", good: "✓", bad: "✕", caution: "!" };

/** One step on the line: when, how long after the one before, and what. */
export function TimelineItem({ at, gap_ms, title, tone = "plain", aside, children }: TimelineItemProps) {
  return (
    <li className={classes.item} data-tone={tone}>
      <div className={classes.itemWhen}>
        {at && (
          <time dateTime={at} title={`${date(at)} ${clock(at)} UTC`}>
            {clock(at)}
          </time>
        )}
        <span className={classes.gap}>{gapWords(gap_ms)}</span>
      </div>
      <span className={classes.node} aria-hidden="true">
        {MARKS[tone]}
      </span>
      <div className={classes.itemBody}>
        <div className={classes.itemHead}>
          <h3>{title}</h3>
          {aside && <span className={classes.aside}>{aside}</span>}
        </div>
        {children}
      </div>
    </li>
  );
}
