import { useEffect, useState } from "react";
import { useChannel } from "@/api/live";
import type { Priced, Quote } from "@/api/shapes";

const MOVE_SHOWN_MS = 600;

export interface LiveQuote {
  /** None before the first tick. */
  quote: Priced | undefined;
  isForbidden: boolean;
  /** Wall milliseconds of the frame that brought it. */
  at: number;
}

/** The latest quote of an instrument, as the socket tells it. */
export function useQuote(instrument: string | null | undefined): LiveQuote {
  const channel = useChannel<Quote>(instrument ? `quotes:${instrument}` : null);
  return {
    quote: isPriced(channel?.data) ? channel.data : undefined,
    isForbidden: channel?.state === "forbidden",
    at: channel?.at ?? 0,
  };
}

function isPriced(quote: Quote | undefined): quote is Priced {
  return Boolean(quote?.bid && quote.ask && quote.quote_at);
}

/** Which way a price went last: "up", "down" or null, kept for a moment and then forgotten. */
export function useMove(price: string | undefined): "up" | "down" | null {
  const [last, setLast] = useState<{ price: string | undefined; move: "up" | "down" | null }>({ price, move: null });
  if (price !== last.price) {
    // While rendering, not in an effect: a list of quotes would else be drawn twice for each of them.
    const isKnown = price !== undefined && last.price !== undefined;
    setLast({ price, move: isKnown ? (Number(price) > Number(last.price) ? "up" : "down") : null });
  }
  const { move } = last;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new price keeps the colour for its own moment
  useEffect(() => {
    if (move === null) return;
    const timer = setTimeout(() => setLast((old) => ({ ...old, move: null })), MOVE_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [move, price]);
  return move;
}
