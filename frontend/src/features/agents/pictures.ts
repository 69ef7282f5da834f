/** The curves of an evaluation, with their names and strokes. */

import type { Evaluation } from "@/api/shapes";
import type { CurveSeries, Point, Stroke } from "@/ui/curves/series";

const LOOKS: Record<string, { label: string; stroke: Stroke; hue?: number }> = {
  agent: { label: "This agent", stroke: "main" },
  flat: { label: "Do nothing", stroke: "dotted", hue: 0 },
  "buy-and-hold": { label: "Buy and hold", stroke: "solid", hue: 1 },
  "ma-cross": { label: "MA cross", stroke: "dashed", hue: 2 },
  random: { label: "Random, equal turnover", stroke: "dashdot", hue: 3 },
};

export function rowLabel(name: string): string {
  return LOOKS[name]?.label ?? name;
}

const ORDER = Object.keys(LOOKS);

export function inOrder(names: readonly string[]): string[] {
  const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return [...names].sort((a, b) => place(a) - place(b));
}

type Curves = Record<string, [number, number][]>;

const EDGE = /[-_](low|high)$/;

function seriesOf(curves: Curves): CurveSeries[] {
  const names = inOrder(Object.keys(curves).filter((name) => !EDGE.test(name)));
  return names.map((name) => {
    const look = LOOKS[name] ?? { label: name, stroke: "solid" as const, hue: 4 };
    return { key: name, points: curves[name] ?? [], band: bandOf(curves, name), ...look };
  });
}

function bandOf(curves: Curves, name: string): CurveSeries["band"] {
  const low = curves[`${name}_low`] ?? curves[`${name}-low`];
  const high = curves[`${name}_high`] ?? curves[`${name}-high`];
  return low && high ? { low, high, label: "5–95 %" } : undefined;
}

export function equitySeries({ equity }: Pick<Evaluation, "equity">): CurveSeries[] {
  return seriesOf(equity);
}

/** Drawdown hangs below nought, whichever sign it came with; that of doing nothing is nought and left out. */
export function drawdownSeries({ drawdown }: Pick<Evaluation, "drawdown">): CurveSeries[] {
  const below = (points: readonly Point[]) => points.map(([at, value]): [number, number] => [at, -Math.abs(value)]);
  return seriesOf(drawdown)
    .filter(({ key }) => key !== "flat")
    .map((series) => ({ ...series, band: undefined, points: below(series.points) }));
}

export function strokeOf(name: string): { stroke: Stroke; hue?: number } {
  const { stroke, hue } = LOOKS[name] ?? { stroke: "solid" as const, hue: 4 };
  return { stroke, hue };
}
