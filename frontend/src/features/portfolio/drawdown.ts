// An account's drawdown: its picture, and how far it is from the lines at which the breaker trips.
import type { AccountCurve } from "@/api/shapes";
import type { Point } from "@/ui/curves/series";

const NAMES = ["warning", "reducing", "halted"];

/** The share of a line's own size that is near: at 4 % of 5 % it is time to look. */
export const NEAR = 0.2;

/** What the breaker does at the line with this place, the nearest one first. */
export function levelName(place: number): string {
  return NAMES[place] ?? "";
}

export interface Room {
  line: number;
  name: string;
  /** What is left to the line, as a share of equity; nought or less when it is passed. */
  left: number;
}

/** Shares of equity, all of them: 0.0072 of drawdown has 0.0428 left to a line at 0.05. */
export function headroom(drawdown: number, lines: readonly number[]): Room[] {
  return lines.map((line, place) => ({ line, name: levelName(place), left: line - drawdown }));
}

/** Equity is written down every few seconds: the mark may stand this much above the highest that was. */
const BETWEEN_TWO = 0.001;

/**
 * Curves for the picture. The drawdown is counted from the highest equity so far, never from one that came later; the
 * high-water mark counts from its own highest point on, or from the start where it is older than the picture.
 */
export function seriesOf(curve: AccountCurve): Record<"equity" | "low" | "high" | "drawdown", Point[]> {
  const mark = Number(curve.base ?? 0);
  const highest = Math.max(...curve.points.map(({ high }) => Number(high)));
  let peak = mark > highest * (1 + BETWEEN_TWO) ? mark : 0;
  const made: Record<"equity" | "low" | "high" | "drawdown", Point[]> = { equity: [], low: [], high: [], drawdown: [] };
  for (const point of curve.points) {
    const at = Date.parse(point.at) / 1000;
    const [mean, low, high] = [Number(point.mean), Number(point.low), Number(point.high)];
    peak = Math.max(peak, high, high === highest ? mark : 0);
    made.equity.push([at, mean]);
    made.low.push([at, low]);
    made.high.push([at, high]);
    made.drawdown.push([at, peak > 0 ? Math.min(0, low / peak - 1) : 0]);
  }
  return made;
}
