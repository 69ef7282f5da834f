// Orders of an account: the newest live, older pages over REST.
import { infiniteQueryOptions, useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useMemo } from "react";
import { newKey, read, readNext, write } from "@/api/client";
import { pageAsItems, useLiveOrRead } from "@/api/liveOrRead";
import type { Items, Order, OrderStatus, Page } from "@/api/shapes";

const WORKING: ReadonlySet<OrderStatus> = new Set([
  "approved",
  "sending",
  "accepted",
  "partially_filled",
  "cancel_pending",
  "replace_pending",
  "unknown",
]);

export function isWorking(order: Order): boolean {
  return WORKING.has(order.status);
}

export function useOrders(account: string) {
  return useLiveOrRead<Items<Order>>(`orders:${account}`, "/orders/", { query: { account, limit: 100 } }, pageAsItems);
}

const pagesQuery = (account: string) =>
  infiniteQueryOptions({
    queryKey: ["orders", account],
    queryFn: ({ pageParam, signal }) =>
      pageParam
        ? readNext<Page<Order>>(pageParam, signal)
        : read<Page<Order>>("/orders/", { query: { account, limit: 200 }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    refetchOnWindowFocus: false,
  });

/** All orders, newest first; `more()` fetches further back. */
export function useOrderHistory(account: string) {
  const live = useOrders(account);
  const query = useInfiniteQuery(pagesQuery(account));
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

export function useCancel() {
  return useMutation({
    mutationFn: (id: string) => write<Order>("/orders/{order_id}/cancel/", { path: { order_id: id }, key: newKey() }),
  });
}

export function useClose() {
  return useMutation({
    mutationFn: (id: string | number) =>
      write<Order>("/positions/{position_id}/close/", { path: { position_id: id }, body: {}, key: newKey() }),
  });
}
