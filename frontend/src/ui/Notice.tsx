import type { ReactNode } from "react";
import classes from "./Notice.module.css";
import type { Tone } from "./Pill";
import tones from "./tones.module.css";

/** A message that stands in a form or panel until its cause is gone. */
export function Notice({ tone, title, children }: { tone: Tone; title?: string; children?: ReactNode }) {
  return (
    <div className={`${classes.notice} ${tones[tone]}`} role={tone === "plain" || tone === "info" ? "note" : "alert"}>
      {title && <strong>{title}</strong>}
      {children}
    </div>
  );
}
