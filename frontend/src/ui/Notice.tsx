import type { ReactNode } from "react";
import classes from "./Notice.module.css";
import type { Tone } from "./Pill";

/** A message that stands in a form or panel until its cause is gone. */
export function Notice({ tone, title, children }: { tone: Tone; title?: string; children?: ReactNode }) {
  return (
    <div className={`${classes.notice} ${classes[tone]}`} role={tone === "plain" || tone === "info" ? "note" : "alert"}>
      {title && <strong>{title}</strong>}
      {children}
    </div>
  );
}
