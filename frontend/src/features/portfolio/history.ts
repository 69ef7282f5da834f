// What an account's lists share: the newest rows live, older pages over REST.
import {
  type InfiniteData,
  infiniteQueryOptions,
  type UseInfiniteQueryResult,
  useInfiniteQuery,
} from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { read, readNext } from "@/api/client";
import { pageAsItems, useLiveOrRead } from "@/api/liveOrRead";
import type { Items, Page } from "@/api/shapes";

type Listed = "orders" | "fills";

interface Identified {
  id: string | number;
}

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
export function useHistory<Row extends Identified>(list: Listed, account: string) {
  const live = useNewest<Row>(list, account);
  const query = useInfiniteQuery(pagesQuery<Row>(list, account));
  const { rows, more } = useJoined(live?.data?.items, query);
  return { live, query, rows, more };
}

/** Newer rows over those of pages, each once. Where rows between them would be missing, the pages are read again. */
export function useJoined<Row extends Identified>(
  newest: readonly Row[] | undefined,
  query: UseInfiniteQueryResult<InfiniteData<Page<Row>>>,
) {
  const pages = query.data?.pages;
  const known = useMemo(() => pages?.flatMap((page) => page.results) ?? [], [pages]);
  const isApart = areApart(newest, known);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked with each new row, so that a desk that fails is not pressed
  useEffect(() => {
    if (isApart && !query.isFetching) void query.refetch();
  }, [isApart, newest]);
  const rows = useMemo(() => newestOf(newest ?? [], known), [newest, known]);
  const more = () => {
    if (query.hasNextPage && !query.isFetchingNextPage && !query.isFetchNextPageError) void query.fetchNextPage();
  };
  return { rows, more };
}

/** Whether the newest row that was read has left the live list: others may have come and gone between the two. */
export function areApart(live: readonly Identified[] | undefined, read: readonly Identified[]): boolean {
  const first = read[0];
  return first !== undefined && live !== undefined && live.length > 0 && !live.some(({ id }) => id === first.id);
}

/** Live rows over those of pages, each id once. */
export function newestOf<Row extends Identified>(live: readonly Row[], pages: readonly Row[]): Row[] {
  const known = new Set(live.map(({ id }) => id));
  return [...live, ...pages.filter(({ id }) => !known.has(id))];
}
