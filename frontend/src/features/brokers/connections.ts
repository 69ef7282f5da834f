import { queryOptions } from "@tanstack/react-query";
import { read } from "@/api/client";
import type { Connection } from "@/api/shapes";

export const connectionsQuery = queryOptions({
  queryKey: ["connections"],
  queryFn: ({ signal }) => read<Connection[]>("/connections/", { signal }),
  staleTime: 60_000,
});

/** The terms of a resting order that an account's venues can change; undefined where none of them has said yet. */
export function changeableOf(connections: readonly Connection[] | undefined, account: string) {
  const here = connections?.filter((one) => one.account === account && one.state !== "disabled") ?? [];
  const terms = here.flatMap(({ changeable }) => changeable);
  return terms.length > 0 ? terms : undefined;
}
