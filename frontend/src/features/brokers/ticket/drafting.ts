import { useCallback, useMemo, useRef, useState } from "react";
import type { Instrument, OrderType, Priced, Side } from "@/api/shapes";
import { type Draft, entryPrice, type Faults, firstDraft, type SizedBy, suggestedPrice } from "./draft";

/**
 * The draft and what changes it. All functions stay the same from quote to quote, so that fields need not be drawn
 * anew ten times a second; they read the latest quote when they are called.
 */
export function useDraft(
  instrument: Instrument,
  quote: Priced | undefined,
  send: { isPending: boolean; reset: () => void },
) {
  const [draft, setDraft] = useState<Draft>(() => firstDraft(instrument));
  const now = useRef({ draft, quote, send });
  now.current = { draft, quote, send };
  const change = useCallback((part: Partial<Draft>) => {
    // What becomes of an order on its way is still to be told.
    if (!now.current.send.isPending) now.current.send.reset();
    setDraft((old) => ({ ...old, ...part }));
  }, []);
  const setType = useCallback(
    (type: OrderType) => {
      const market = now.current.quote;
      const next = { ...now.current.draft, type };
      const price = type === "market" || !market ? "" : suggestedPrice(next, market, instrument.tick_size);
      change({ type, price });
    },
    [change, instrument.tick_size],
  );
  const set = useMemo(
    () => ({
      side: (side: Side) => change({ side }),
      // An exit is a number of lots.
      sizedBy: (sizedBy: SizedBy) => change(sizedBy === "risk" ? { sizedBy, reduceOnly: false } : { sizedBy }),
      quantity: (quantity: string) => change({ quantity }),
      risk: (risk: string) => change({ risk }),
      price: (price: string) => change({ price }),
      stopLoss: (stopLoss: string) => change({ stopLoss }),
      takeProfit: (takeProfit: string) => change({ takeProfit }),
      reduceOnly: (reduceOnly: boolean) => change({ reduceOnly }),
    }),
    [change],
  );
  const atMarket = useCallback(() => now.current.quote?.bid, []);
  const atEntry = useCallback(() => entryPrice(now.current.draft, now.current.quote) ?? undefined, []);
  return { draft, set, setType, atMarket, atEntry };
}

/** Faults of fields left empty are told only after a try to send; the others at once. */
export function shownFaults(draft: Draft, faults: Faults, isTried: boolean): Faults {
  if (isTried) return faults;
  return Object.fromEntries(Object.entries(faults).filter(([field]) => draft[field as keyof Faults] !== ""));
}
