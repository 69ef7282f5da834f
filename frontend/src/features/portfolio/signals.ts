// What agents wanted: the list over REST, renewed when an agent's row changes.
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { read, readNext } from "@/api/client";
import { useChannel } from "@/api/live";
import type { Agent, Items, Page, Signal } from "@/api/shapes";

const signalsQuery = infiniteQueryOptions({
  queryKey: ["signals"],
  queryFn: ({ pageParam, signal }) =>
    pageParam
      ? readNext<Page<Signal>>(pageParam, signal)
      : read<Page<Signal>>("/signals/", { query: { limit: 100 }, signal }),
  initialPageParam: "",
  getNextPageParam: (page) => page.next ?? undefined,
  refetchInterval: 20_000,
});

export function useSignals() {
  const query = useInfiniteQuery(signalsQuery);
  const agents = useChannel<Items<Agent>>("agents")?.data?.items;
  const latest = agents?.reduce(
    (newest, one) => (one.last_signal_at && one.last_signal_at > newest ? one.last_signal_at : newest),
    "",
  );
  const { refetch } = query;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a newer signal of any agent is what asks for the list again
  useEffect(() => {
    if (latest) void refetch();
  }, [latest]);
  const pages = query.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.results) ?? [], [pages]);
  return { query, rows, more: () => void (query.hasNextPage && !query.isFetchingNextPage && query.fetchNextPage()) };
}
