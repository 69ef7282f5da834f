import type { Candle } from "../bars";

/** Opening time of the bar that `at` falls into, counted on from the last closed bar. */
export function openingOf(at: number, seconds: number, lastClosed: number | undefined): number {
  if (lastClosed === undefined || at < lastClosed) return Math.floor(at / seconds) * seconds;
  return lastClosed + Math.floor((at - lastClosed) / seconds) * seconds;
}

/** The candle that forms, after a price came at `at` (epoch seconds). A price of a bar already closed changes nothing. */
export function withPrice(
  forming: Candle | null,
  price: number,
  at: number,
  seconds: number,
  last: Candle | undefined,
): Candle | null {
  const time = openingOf(at, seconds, last?.time);
  if (last && time <= last.time) return null;
  if (!forming || forming.time !== time) {
    return { time, open: price, high: price, low: price, close: price, volume: 0 };
  }
  if (price === forming.close) return forming;
  return { ...forming, high: Math.max(forming.high, price), low: Math.min(forming.low, price), close: price };
}

/** The same candle with what its closed minutes already did. */
export function withMinutes(forming: Candle, minutes: readonly Candle[]): Candle {
  const inside = minutes.filter(({ time }) => time >= forming.time);
  const first = inside[0];
  if (!first) return forming;
  return {
    ...forming,
    open: first.open,
    high: Math.max(forming.high, ...inside.map(({ high }) => high)),
    low: Math.min(forming.low, ...inside.map(({ low }) => low)),
    volume: inside.reduce((sum, { volume }) => sum + volume, 0),
  };
}

/**
 * The candles that closed since `old` was drawn, where each of them can be put into that picture; null where `next` is
 * another stretch of time and must be drawn anew.
 */
export function additions(
  old: readonly Candle[],
  next: readonly Candle[],
  isTaken: (time: number) => boolean,
): readonly Candle[] | null {
  const last = old.at(-1);
  if (!last || old[0]?.time !== next[0]?.time || next[old.length - 1]?.time !== last.time) return null;
  const added = next.slice(old.length);
  return added.every(({ time }) => isTaken(time)) ? added : null;
}
