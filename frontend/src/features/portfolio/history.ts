// What an account's lists share: the newest rows live, older pages over REST.
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { read, readNext } from "@/api/client";
import { pageAsItems, useLiveOrRead } from "@/api/liveOrRead";
import type { Items, Page } from "@/api/shapes";

type Listed = "orders" | "fills";

/** The newest rows of an account, live. */
export function useNewest<Row>(list: Listed, account: string) {
  return useLiveOrRead<Items<Row>>(`${list}:${account}`, `/${list}/`, { query: { account, limit: 100 } }, pageAsItems);
}

const pagesQuery = <Row>(list: Listed, account: string) =>
  infiniteQueryOptions({
    queryKey: [list, account],
    queryFn: ({ pageParam, signal }) =>
      pageParam
        ? readNext<Page<Row>>(pageParam, signal)
        : read<Page<Row>>(`/${list}/`, { query: { account, limit: 200 }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    refetchOnWindowFocus: false,
  });

/** All rows of an account, newest first; `more()` fetches further back. */
export function useHistory<Row extends { id: string | number }>(list: Listed, account: string) {
  const live = useNewest<Row>(list, account);
  const query = useInfiniteQuery(pagesQuery<Row>(list, account));
  const pages = query.data?.pages;
  const items = live?.data?.items;
  const rows = useMemo(() => newestOf(items ?? [], pages?.flatMap((page) => page.results) ?? []), [items, pages]);
  const more = () => {
    if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
  };
  return { live, query, rows, more };
}

/** Live rows over those of pages, each id once. */
export function newestOf<Row extends { id: string | number }>(live: readonly Row[], pages: readonly Row[]): Row[] {
  const known = new Set(live.map(({ id }) => id));
  return [...live, ...pages.filter(({ id }) => !known.has(id))];
}
