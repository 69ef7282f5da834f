import type { Candle } from "../bars";

/** Something that happened at a time: a fill, or a wish that risk denied. */
export interface Mark {
  id: string;
  kind: "fill" | "denied";
  side: "buy" | "sell";
  /** Epoch seconds, desk time. */
  at: number;
  text: string;
}

/** A price that matters now: where a position stands, its stop, an order that waits. */
export interface Line {
  id: string;
  price: number;
  kind: "position" | "stop" | "target" | "order";
  title: string;
}

export interface PlacedMark extends Mark {
  time: number;
  high: number;
  low: number;
}

/** Put each mark on the candle it happened in; what is older than the first candle is left out. */
export function placed(marks: readonly Mark[], candles: readonly Candle[]): PlacedMark[] {
  const found: PlacedMark[] = [];
  for (const mark of marks) {
    const candle = candles[indexAt(candles, mark.at)];
    if (candle) found.push({ ...mark, time: candle.time, high: candle.high, low: candle.low });
  }
  return found.sort((a, b) => a.time - b.time);
}

/** Index of the last candle that opened at or before `at`; -1 when there is none. */
export function indexAt(candles: readonly Candle[], at: number): number {
  let low = 0;
  let high = candles.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((candles[middle]?.time ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
