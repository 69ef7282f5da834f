/** The shapes that curves draw, and the arithmetic on them. Nothing here knows what a curve is about. */

/** [epoch seconds, value] */
export type Point = readonly [number, number];

export type Stroke = "main" | "solid" | "dashed" | "dotted" | "dashdot";

export interface CurveSeries {
  key: string;
  label: string;
  points: readonly Point[];
  stroke: Stroke;
  /** Index into the theme's palette of curves; the main series has its own colour. */
  hue?: number;
  /** Lower and upper edge of a band around the line. */
  band?: { low: readonly Point[]; high: readonly Point[]; label: string };
}

export type Aligned = { times: number[]; columns: (number | null)[][] };

/** Bring curves with different instants onto one axis; null where a curve has no point. */
export function align(curves: readonly (readonly Point[])[]): Aligned {
  const times = [...new Set(curves.flatMap((points) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const columns = curves.map((points) => {
    const known = new Map(points);
    return times.map((at) => known.get(at) ?? null);
  });
  return { times, columns };
}

export interface CurveFigures {
  first: number;
  last: number;
  lowest: number;
  highest: number;
}

export function figuresOf(points: readonly Point[]): CurveFigures | null {
  const first = points[0];
  const last = points[points.length - 1];
  if (!first || !last) return null;
  let lowest = first[1];
  let highest = first[1];
  for (const [, value] of points) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  return { first: first[1], last: last[1], lowest, highest };
}

/** One sentence per curve, for those who cannot see it. */
export function summaryOf(series: readonly CurveSeries[], format: (value: number) => string): string {
  const sentences = series.flatMap(({ label, points }) => {
    const seen = figuresOf(points);
    if (!seen) return [`${label}: no points yet.`];
    return [
      `${label} goes from ${format(seen.first)} to ${format(seen.last)}, lowest ${format(seen.lowest)}, highest ${format(seen.highest)}.`,
    ];
  });
  return sentences.join(" ");
}

/** The value of a curve at an instant: that of its last point at or before it. */
export function valueAt(points: readonly Point[], at: number): number | null {
  let low = 0;
  let high = points.length - 1;
  let found: number | null = null;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const point = points[middle];
    if (!point) break;
    if (point[0] <= at) {
      found = point[1];
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return found;
}
