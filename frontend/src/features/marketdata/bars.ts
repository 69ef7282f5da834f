// Closed bars: history over REST in pages that reach back, new ones by the socket.
import { infiniteQueryOptions, queryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { read } from "@/api/client";
import { useChannel } from "@/api/live";
import type { BarRow, Bars } from "@/api/shapes";
import type { Timeframe } from "./timeframes";

const PAGE = 600;

export interface Candle {
  /** Opening time in epoch seconds (desk time, UTC). */
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

const barsQuery = (instrument: string, timeframe: Timeframe) =>
  infiniteQueryOptions({
    queryKey: ["bars", instrument, timeframe],
    queryFn: ({ pageParam, signal }) =>
      read<Bars>("/bars/", {
        query: { instrument, timeframe, limit: PAGE, before: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    // Pages go back in time: the next one ends before the oldest bar we have.
    getNextPageParam: (last) => {
      const oldest = last.bars[0]?.[0];
      return last.bars.length < PAGE || oldest === undefined ? undefined : new Date(oldest * 1000).toISOString();
    },
    staleTime: 5_000,
    refetchOnWindowFocus: false,
  });

/** Closed one-minute bars of the bar that forms now, to know its high and low before the page was opened. */
export const minutesQuery = (instrument: string, minutes: number) =>
  queryOptions({
    queryKey: ["bars", instrument, "minutes", minutes],
    queryFn: ({ signal }) =>
      read<Bars>("/bars/", { query: { instrument, timeframe: "1m", limit: Math.min(2000, minutes) }, signal }),
    enabled: minutes > 1,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

export function candleOf(row: BarRow): Candle {
  const [time, open, high, low, close, volume] = row;
  return { time, open: Number(open), high: Number(high), low: Number(low), close: Number(close), volume };
}

/** Join rows by opening time, later sources winning; sorted, oldest first. */
export function joined(...sources: readonly (readonly BarRow[])[]): Candle[] {
  const rows = new Map<number, BarRow>();
  for (const source of sources) for (const row of source) rows.set(row[0], row);
  return [...rows.values()].sort((a, b) => a[0] - b[0]).map(candleOf);
}

export function useBars(instrument: string, timeframe: Timeframe) {
  const query = useInfiniteQuery(barsQuery(instrument, timeframe));
  const channel = useChannel<Bars>(`bars:${instrument}:${timeframe}`);
  const pages = query.data?.pages;
  const live = channel?.data?.bars;
  const { isFetching, refetch } = query;
  const isApart = areApart(pages?.[0]?.bars, live);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked with each new bar, so that a desk that fails is not pressed
  useEffect(() => {
    if (isApart && !isFetching) void refetch();
  }, [isApart, live]);
  const candles = useMemo(
    () => (pages ? joined(...[...pages].reverse().map((page) => page.bars), live ?? []) : undefined),
    [pages, live],
  );
  return { query, channel, candles };
}

/** Bars are missing between those read and those told since: after a long break, or once the live list has moved on. */
export function areApart(read: readonly BarRow[] | undefined, live: readonly BarRow[] | undefined): boolean {
  const [newest, oldest] = [read?.at(-1)?.[0], live?.[0]?.[0]];
  return newest !== undefined && oldest !== undefined && oldest > newest;
}
