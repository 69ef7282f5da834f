import { useSyncExternalStore } from "react";

interface Ticker {
  now: () => number;
  subscribe: (tell: () => void) => () => void;
}

const tickers = new Map<number, Ticker>();

/** One timer for all who ask at the same pace, so that they are drawn together. */
function tickerOf(every_ms: number): Ticker {
  let at = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const listeners = new Set<() => void>();
  const tick = () => {
    at = Date.now();
    for (const tell of listeners) tell();
  };
  return {
    // Whoever comes while nobody listened gets the time of now.
    now: () => {
      if (Math.abs(Date.now() - at) >= every_ms) at = Date.now();
      return at;
    },
    subscribe: (tell) => {
      listeners.add(tell);
      timer ??= setInterval(tick, every_ms);
      return () => {
        listeners.delete(tell);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}

/** Wall milliseconds, renewed every `every_ms`; the component renders with it. */
export function useNow(every_ms = 1000): number {
  const ticker = tickers.get(every_ms) ?? tickerOf(every_ms);
  tickers.set(every_ms, ticker);
  return useSyncExternalStore(ticker.subscribe, ticker.now);
}
