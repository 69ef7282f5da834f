// What agents wanted: the newest over REST, renewed when an agent's row changes; older pages as they are asked for.
import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { read, readNext } from "@/api/client";
import { useChannel } from "@/api/live";
import type { Agent, Items, Page, Signal } from "@/api/shapes";
import { useJoined } from "./history";

const PAGE = 100;
/** With many agents a signal comes every moment; the list is read at most this often for them. */
const RENEW_MS = 2_000;

const newestQuery = queryOptions({
  queryKey: ["signals", "newest"],
  queryFn: ({ signal }) => read<Page<Signal>>("/signals/", { query: { limit: PAGE }, signal }),
  refetchInterval: 20_000,
});

const pagesQuery = infiniteQueryOptions({
  queryKey: ["signals", "pages"],
  queryFn: ({ pageParam, signal }) =>
    pageParam
      ? readNext<Page<Signal>>(pageParam, signal)
      : read<Page<Signal>>("/signals/", { query: { limit: PAGE }, signal }),
  initialPageParam: "",
  getNextPageParam: (page) => page.next ?? undefined,
  refetchOnWindowFocus: false,
});

export function useSignals() {
  const newest = useQuery(newestQuery);
  const query = useInfiniteQuery(pagesQuery);
  const agents = useChannel<Items<Agent>>("agents")?.data?.items;
  const latest = agents?.reduce(
    (last, one) => (one.last_signal_at && one.last_signal_at > last ? one.last_signal_at : last),
    "",
  );
  const { refetch, dataUpdatedAt } = newest;
  const told = useRef<string>(undefined);
  useEffect(() => {
    if (!latest || latest === told.current) return;
    const timer = setTimeout(
      () => {
        told.current = latest;
        void refetch();
      },
      Math.max(0, dataUpdatedAt + RENEW_MS - Date.now()),
    );
    return () => clearTimeout(timer);
  }, [latest, refetch, dataUpdatedAt]);
  const { rows, more } = useJoined(newest.data?.results, query);
  return { query, rows, more };
}
