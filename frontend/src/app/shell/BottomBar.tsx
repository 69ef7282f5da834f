import { Link, useLocation } from "@tanstack/react-router";
import classes from "./BottomBar.module.css";

export const VIEWS = ["positions", "orders", "chart", "ticket"] as const;
export type View = (typeof VIEWS)[number];

export function isView(text: unknown): text is View {
  return VIEWS.some((view) => view === text);
}

/** On a phone: one part of the trading page at a time, and HALT always in reach. */
export function BottomBar({ onHalt, mayHalt }: { onHalt: () => void; mayHalt: boolean }) {
  const { pathname, search } = useLocation();
  const wished = (search as { view?: string }).view;
  const now = pathname === "/trade" ? (isView(wished) ? wished : "chart") : null;
  return (
    <nav className={classes.bar} aria-label="Parts of the trading page">
      {VIEWS.map((view) => (
        <Link
          key={view}
          to="/trade"
          search={(old) => ({ ...old, view })}
          aria-current={now === view ? "page" : undefined}
          className={classes.item}
        >
          {view.charAt(0).toUpperCase() + view.slice(1)}
        </Link>
      ))}
      <button type="button" className={`${classes.item} ${classes.halt}`} onClick={onHalt} disabled={!mayHalt}>
        HALT
      </button>
    </nav>
  );
}
