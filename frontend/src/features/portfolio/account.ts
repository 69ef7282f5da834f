import { queryOptions } from "@tanstack/react-query";
import { read } from "@/api/client";
import type { Channel } from "@/api/live";
import { useLiveOrRead } from "@/api/liveOrRead";
import type { Account, AccountCurve } from "@/api/shapes";

export function useAccount(slug: string | null): Channel<Account> | undefined {
  return useLiveOrRead<Account>(slug ? `account:${slug}` : null, "/accounts/{slug}/", { path: { slug: slug ?? "" } });
}

export const curveQuery = (slug: string) =>
  queryOptions({
    queryKey: ["curve", slug],
    queryFn: ({ signal }) =>
      read<AccountCurve>("/accounts/{slug}/curve/", { path: { slug }, query: { points: 400 }, signal }),
    refetchInterval: 15_000,
  });
