import type { ReactNode } from "react";
import classes from "./Pill.module.css";
import tones from "./tones.module.css";

export type Tone = "plain" | "good" | "warn" | "alert" | "bad" | "info";

/** A short state in a word, with a tone; the word says it without the colour. */
export function Pill({
  tone = "plain",
  children,
  title,
  dot,
}: {
  tone?: Tone;
  children: ReactNode;
  title?: string;
  dot?: boolean;
}) {
  return (
    <span className={`${classes.pill} ${tones[tone]}`} title={title}>
      {dot && <span className={classes.dot} aria-hidden="true" />}
      {children}
    </span>
  );
}
