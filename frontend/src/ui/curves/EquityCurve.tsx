import { useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, useCallback, useId, useMemo, useRef, useState } from "react";
import { CurveTable } from "./CurveTable";
import classes from "./curves.module.css";
import type { LimitLine, Pane } from "./plot";
import { Swatch } from "./Swatch";
import { type CurveSeries, figuresOf, summaryOf, valueAt } from "./series";
import { usePane, useWidth } from "./usePanes";

interface EquityCurveProps {
  /** What the picture is of; read out, not shown. */
  title: string;
  series: readonly CurveSeries[];
  /** Same keys as `series`; values are shares at or below nought. */
  drawdown?: readonly CurveSeries[];
  limits?: readonly LimitLine[];
  format: (value: number) => string;
  height?: number;
  empty?: string;
}

const NO_LIMITS: readonly LimitLine[] = [];
const share = (value: number) => `${(value * 100).toFixed(Math.abs(value) < 0.1 ? 1 : 0).replace("-", "−")} %`;
const day = (at: number) => new Date(at * 1000).toISOString().slice(0, 16).replace("T", " ");

/** Equity with the drawdown hanging below it. Arrow keys move along the curve; the same figures stand in a table. */
export function EquityCurve(props: EquityCurveProps) {
  const { title, series, drawdown = [], limits = NO_LIMITS, format, height = 240, empty } = props;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState<number | null>(null);
  const sync = useId();
  const box = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const below = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const scheme = useComputedColorScheme("dark");
  const hangs = drawdown.some((each) => each.points.length > 0);
  const near = useMemo(() => nearLimits(limits, drawdown), [limits, drawdown]);

  const upper = useMemo<Pane | null>(
    () => ({ series, hidden, height, format, limits: NO_LIMITS, hangs: false, showTimes: !hangs }),
    [series, hidden, height, format, hangs],
  );
  const lower = useMemo<Pane | null>(
    () =>
      hangs
        ? {
            series: drawdown,
            hidden,
            height: Math.round(height * 0.52),
            format: share,
            limits: near,
            hangs,
            showTimes: true,
          }
        : null,
    [drawdown, hidden, height, hangs, near],
  );
  usePane(top, upper, { width, sync, scheme, onCursor: setAt });
  usePane(below, lower, { width, sync, scheme });
  const step = useSteps(series, at, setAt);

  if (!series.some((each) => figuresOf(each.points))) {
    return <p className={`${classes.frame} ${classes.empty}`}>{empty ?? "No points to draw yet."}</p>;
  }
  return (
    <figure className={classes.frame} aria-label={title}>
      <Legend
        series={series}
        hidden={hidden}
        at={at}
        format={format}
        onToggle={(key) => setHidden(toggled(hidden, key))}
      />
      <div
        ref={box}
        className={classes.plots}
        tabIndex={0}
        role="img"
        aria-label={summaryOf(series, format)}
        onKeyDown={step}
      >
        <div ref={top} className={classes.pane} style={{ minHeight: height }} />
        {hangs && <p className={classes.paneTitle}>Drawdown</p>}
        {hangs && <div ref={below} className={classes.pane} style={{ minHeight: Math.round(height * 0.52) }} />}
      </div>
      <CurveTable series={series} drawdown={drawdown} format={format} formatShare={share} />
    </figure>
  );
}

interface LegendProps {
  series: readonly CurveSeries[];
  hidden: ReadonlySet<string>;
  at: number | null;
  format: (value: number) => string;
  onToggle: (key: string) => void;
}

function Legend({ series, hidden, at, format, onToggle }: LegendProps) {
  return (
    <div className={classes.legend}>
      {series.map(({ key, label, stroke, hue, points, band }) => {
        const value = at === null ? figuresOf(points)?.last : valueAt(points, at);
        return (
          <button
            key={key}
            type="button"
            className={classes.key}
            aria-pressed={!hidden.has(key)}
            onClick={() => onToggle(key)}
          >
            <Swatch stroke={stroke} hue={hue} />
            {label}
            {band ? <span>({band.label})</span> : null}
            <span className={classes.value}>{value === null || value === undefined ? "–" : format(value)}</span>
          </button>
        );
      })}
      <span className={classes.when} aria-live="polite">
        {at === null ? "at the end" : `${day(at)} UTC`}
      </span>
    </div>
  );
}

/** Keep the lines that the drawdown came near to; a small drawdown would vanish beneath all of them. */
function nearLimits(limits: readonly LimitLine[], drawdown: readonly CurveSeries[]): readonly LimitLine[] {
  const deepest = Math.min(0, ...drawdown.map((each) => figuresOf(each.points)?.lowest ?? 0));
  return limits.filter((_, place) => place === 0 || -deepest >= (limits[place - 1]?.value ?? 0) * 0.8);
}

function toggled(hidden: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(hidden);
  if (!next.delete(key)) next.add(key);
  return next;
}

function useSteps(series: readonly CurveSeries[], at: number | null, setAt: (at: number | null) => void) {
  const times = useMemo(() => series[0]?.points.map(([time]) => time) ?? [], [series]);
  return useCallback(
    (event: KeyboardEvent) => {
      const last = times.length - 1;
      const here =
        at === null
          ? last
          : Math.max(
              0,
              times.findLastIndex((time) => time <= at),
            );
      const next = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: last }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      setAt(times[Math.min(last, Math.max(0, next))] ?? null);
    },
    [times, at, setAt],
  );
}
