import { useEffect, useRef, useState } from "react";
import { useChannel } from "@/api/live";
import type { Priced, Quote } from "@/api/shapes";

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
  const last = useRef(price);
  const [move, setMove] = useState<"up" | "down" | null>(null);
  useEffect(() => {
    const before = last.current;
    last.current = price;
    if (before === undefined || price === undefined || before === price) return;
    setMove(Number(price) > Number(before) ? "up" : "down");
    const timer = setTimeout(() => setMove(null), 600);
    return () => clearTimeout(timer);
  }, [price]);
  return move;
}
