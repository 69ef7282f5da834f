import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { read, readNext } from "@/api/client";
import { asItems, pageAsItems, useLiveOrRead } from "@/api/liveOrRead";
import type { Fill, Items, Page, Position } from "@/api/shapes";
import { newestOf } from "./orders";

export function useFills(account: string) {
  return useLiveOrRead<Items<Fill>>(`fills:${account}`, "/fills/", { query: { account, limit: 100 } }, pageAsItems);
}

const pagesQuery = (account: string) =>
  infiniteQueryOptions({
    queryKey: ["fills", account],
    queryFn: ({ pageParam, signal }) =>
      pageParam
        ? readNext<Page<Fill>>(pageParam, signal)
        : read<Page<Fill>>("/fills/", { query: { account, limit: 200 }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    refetchOnWindowFocus: false,
  });

/** All fills, newest first; `more()` fetches further back. */
export function useFillHistory(account: string) {
  const live = useFills(account);
  const query = useInfiniteQuery(pagesQuery(account));
  const pages = query.data?.pages;
  const items = live?.data?.items;
  const rows = useMemo(() => newestOf(items ?? [], pages?.flatMap((page) => page.results) ?? []), [items, pages]);
  const more = () => {
    if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
  };
  return { live, query, rows, more };
}

export function usePositions(account: string) {
  return useLiveOrRead<Items<Position>>(`positions:${account}`, "/positions/", { query: { account } }, asItems);
}
