import classes from "./curves.module.css";
import type { Stroke } from "./series";

const DASH: Record<Stroke, string | undefined> = {
  main: undefined,
  solid: undefined,
  dashed: "6 3",
  dotted: "1.5 2.5",
  dashdot: "6 2.5 1.5 2.5",
};

/** A piece of the line as it is drawn: curves differ by dash as well as by colour. */
export function Swatch({ stroke, hue = 0 }: { stroke: Stroke; hue?: number }) {
  return (
    <svg className={classes.swatch} width="22" height="8" aria-hidden="true" focusable="false">
      <line
        x1="0"
        y1="4"
        x2="22"
        y2="4"
        stroke={stroke === "main" ? "var(--curve-main)" : `var(--curve-${hue})`}
        strokeWidth={stroke === "main" ? 3 : 2}
        strokeDasharray={DASH[stroke]}
      />
    </svg>
  );
}
