import type { ReactNode } from "react";
import classes from "./Panel.module.css";

interface PanelProps {
  title: ReactNode;
  /** Right side of the head: filters, time frames, sums. */
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Content goes to the panel's edge (tables, charts). */
  flush?: boolean;
  /** The data is older than it may be: dimmed, and said so. */
  stale?: boolean | string;
}

/** A framed part of a page with a head. Its body scrolls, not the page. */
export function Panel({ title, actions, children, className, flush, stale }: PanelProps) {
  const label = typeof title === "string" ? title : undefined;
  // Tabs in place of a title are no heading.
  const Title = label === undefined ? "div" : "h2";
  return (
    <section className={`${classes.panel} ${className ?? ""}`} aria-label={label}>
      <header className={classes.head}>
        <Title className={classes.title}>{title}</Title>
        {stale && <span className={classes.stale}>{typeof stale === "string" ? stale : "stale"}</span>}
        <div className={classes.actions}>{actions}</div>
      </header>
      <div className={`${classes.body} ${flush ? classes.flush : ""} ${stale ? classes.dim : ""}`}>{children}</div>
    </section>
  );
}
