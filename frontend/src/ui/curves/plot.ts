/** One pane drawn by uPlot: lines, a band, limit lines. React knows only `draw` and what it returns. */

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { colourOf, DASHES, type Palette } from "./palette";
import { align, type CurveSeries, type Point } from "./series";

export interface LimitLine {
  /** In the units of the curve: 0.05 for a drawdown of 5 %. */
  value: number;
  label: string;
}

export interface Pane {
  series: readonly CurveSeries[];
  hidden: ReadonlySet<string>;
  height: number;
  format: (value: number) => string;
  limits: readonly LimitLine[];
  /** Drawdown hangs from nought; equity floats. */
  hangs: boolean;
  showTimes: boolean;
}

export interface DrawOptions {
  palette: Palette;
  width: number;
  sync: string;
  onCursor?: (at: number | null) => void;
}

interface Line {
  points: readonly Point[];
  options: uPlot.Series;
}

const AXIS_PX = 62;

/** Draw a pane into an element; the caller destroys it. */
export function draw(into: HTMLElement, pane: Pane, options: DrawOptions): uPlot {
  const { lines, bands } = linesOf(pane, options.palette);
  const { times, columns } = align(lines.map((line) => line.points));
  const settings: uPlot.Options = {
    width: options.width,
    height: pane.height,
    series: [{}, ...lines.map((line) => line.options)],
    bands,
    legend: { show: false },
    cursor: cursorOf(options),
    scales: { x: { time: true }, y: { range: (_plot, low, high) => rangeOf(pane, low, high) } },
    axes: axesOf(pane, options.palette),
    padding: [8, 10, pane.showTimes ? 0 : 4, 0],
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
    hooks: {
      draw: [(plot) => drawLimits(plot, pane, options.palette)],
      setCursor: [(plot) => options.onCursor?.(timeUnder(plot))],
    },
  };
  return new uPlot(settings, [times, ...columns] as uPlot.AlignedData, into);
}

function linesOf(pane: Pane, palette: Palette): { lines: Line[]; bands: uPlot.Band[] } {
  const lines: Line[] = [];
  const bands: uPlot.Band[] = [];
  for (const series of pane.series) {
    const colour = colourOf(palette, series);
    const show = !pane.hidden.has(series.key);
    if (series.band) {
      const edge = { show, stroke: "transparent", spanGaps: true, points: { show: false } };
      lines.push({ points: series.band.high, options: edge }, { points: series.band.low, options: edge });
      if (show) bands.push({ series: [lines.length - 1, lines.length], fill: `${colour}26` });
    }
    lines.push({ points: series.points, options: lineOf(series, colour, show, pane.hangs) });
  }
  return { lines, bands };
}

function lineOf(series: CurveSeries, colour: string, show: boolean, hangs: boolean): uPlot.Series {
  const isMain = series.stroke === "main";
  return {
    show,
    stroke: colour,
    width: isMain ? 2 : 1.25,
    dash: DASHES[series.stroke],
    spanGaps: true,
    points: { show: series.points.length < 2 },
    ...(isMain && hangs ? { fill: `${colour}2e`, fillTo: 0 } : {}),
  };
}

function cursorOf({ sync, palette }: DrawOptions): uPlot.Cursor {
  return {
    sync: { key: sync },
    drag: { x: false, y: false },
    y: false,
    points: { size: 6, fill: (_plot, index) => (index > 0 ? palette.text : "") },
  };
}

function axesOf(pane: Pane, palette: Palette): uPlot.Axis[] {
  const shared = { stroke: palette.text, font: palette.font, grid: { stroke: palette.grid, width: 1 } };
  const ticks = { stroke: palette.grid, width: 1, size: 4 };
  return [
    { ...shared, ticks, show: true, size: pane.showTimes ? 30 : 0, values: pane.showTimes ? writeTimes : () => [] },
    {
      ...shared,
      ticks: { show: false },
      size: AXIS_PX,
      gap: 6,
      space: 34,
      values: (_plot, splits) => splits.map((value) => pane.format(value)),
    },
  ];
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "14:05" within a day, "29 Jul" within a year, "Jul 2026" beyond. */
function writeTimes(_plot: uPlot, splits: number[], _axis: number, _space: number, step: number): string[] {
  return splits.map((at) => {
    const date = new Date(at * 1000);
    if (step < 86_400 && at % 86_400 !== 0) return date.toISOString().slice(11, 16);
    const month = MONTHS[date.getUTCMonth()] ?? "";
    return step < 28 * 86_400 ? `${date.getUTCDate()} ${month}` : `${month} ${date.getUTCFullYear()}`;
  });
}

function rangeOf(pane: Pane, low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [-1, 1];
  if (pane.hangs) return [Math.min(low, ...pane.limits.map((line) => -line.value), -1e-6) * 1.08, 0];
  const room = (high - low || Math.abs(high) * 0.01 || 1) * 0.06;
  return [low - room, high + room];
}

function drawLimits(plot: uPlot, pane: Pane, palette: Palette): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.font = palette.font.replace("11px", `${10 * devicePixelRatio}px`);
  for (const line of pane.limits) {
    const y = plot.valToPos(-line.value, "y", true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = palette.limit;
    ctx.fillStyle = palette.limit;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.textAlign = "right";
    ctx.fillText(line.label, bbox.left + bbox.width - 4 * devicePixelRatio, y - 3 * devicePixelRatio);
  }
  ctx.restore();
}

function timeUnder(plot: uPlot): number | null {
  const index = plot.cursor.idx;
  return index === null || index === undefined ? null : (plot.data[0][index] ?? null);
}

/** Tell whether this browser draws at all; where it does not, the summary and the table remain. */
export function canDraw(): boolean {
  return Boolean(document.createElement("canvas").getContext?.("2d"));
}
