import classes from "./curves.module.css";
import { figuresOf, type Point } from "./series";

interface SeedCurvesProps {
  /** One curve of [step, reward] per seed. */
  curves: readonly (readonly Point[])[];
  /** The steps that a whole run takes; the axis ends there from the start. */
  steps: number;
  height?: number;
  label: string;
  axes?: boolean;
}

const WIDTH = 320;
const DASHES = [undefined, "6 3", "2 2.5", "8 3 2 3", "1 4"];

/** The reward of each seed over its steps, small; told in words too. */
export function SeedCurves({ curves, steps, height = 72, label, axes = true }: SeedCurvesProps) {
  const points = curves.flat();
  const seen = figuresOf(points);
  if (!seen)
    return <p className={`${classes.frame} ${classes.empty}`}>The first reward comes after the first batch.</p>;
  const last = Math.max(steps, ...points.map(([step]) => step), 1);
  const span = seen.highest - seen.lowest || 1;
  const x = (step: number) => (step / last) * WIDTH;
  const y = (value: number) => 3 + (1 - (value - seen.lowest) / span) * (height - 6);
  const isAcrossNought = seen.lowest < 0 && seen.highest > 0;
  return (
    <figure className={`${classes.frame} ${classes.sparkFigure}`}>
      <svg
        className={classes.spark}
        viewBox={`0 0 ${WIDTH} ${height}`}
        preserveAspectRatio="none"
        style={{ height }}
        role="img"
        aria-label={`${label}. ${toldOf(curves)}`}
      >
        {isAcrossNought && (
          <line
            x1="0"
            x2={WIDTH}
            y1={y(0)}
            y2={y(0)}
            stroke="var(--curve-grid)"
            strokeWidth="1"
            vectorEffect="non-scaling-stroke"
          />
        )}
        {curves.map((curve, seed) => (
          <polyline
            key={seed}
            points={curve.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(" ")}
            fill="none"
            stroke={seed === 0 ? "var(--curve-main)" : `var(--curve-${seed % 5})`}
            strokeWidth="1.6"
            strokeDasharray={DASHES[seed % DASHES.length]}
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      {axes && (
        <div className={classes.sparkAxis} aria-hidden="true">
          <span>0</span>
          <span>{last.toLocaleString("en-GB")} steps</span>
        </div>
      )}
      {axes && <SeedKeys curves={curves} />}
    </figure>
  );
}

function SeedKeys({ curves }: { curves: readonly (readonly Point[])[] }) {
  return (
    <figcaption className={classes.seedKeys}>
      {curves.map((curve, seed) => (
        <span key={seed}>
          <svg className={classes.swatch} width="18" height="8" aria-hidden="true" focusable="false">
            <line
              x2="18"
              y1="4"
              y2="4"
              stroke={seed === 0 ? "var(--curve-main)" : `var(--curve-${seed % 5})`}
              strokeWidth="2"
              strokeDasharray={DASHES[seed % DASHES.length]}
            />
          </svg>
          seed {seed + 1}
          <b className={classes.value}>{reward(curve.at(-1)?.[1])}</b>
        </span>
      ))}
    </figcaption>
  );
}

function toldOf(curves: readonly (readonly Point[])[]): string {
  return curves
    .map((curve, seed) => {
      const seen = figuresOf(curve);
      return seen
        ? `Seed ${seed + 1} from ${reward(seen.first)} to ${reward(seen.last)}.`
        : `Seed ${seed + 1} has not begun.`;
    })
    .join(" ");
}

/** Three significant digits: rewards are small and their unit means nothing to a trader. */
function reward(value: number | undefined): string {
  if (value === undefined) return "–";
  return Number(value.toPrecision(3)).toString().replace("-", "−");
}
