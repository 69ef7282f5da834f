import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { read } from "@/api/client";
import { useChannel } from "@/api/live";
import type { Items, Order, OrderLife, OrderStatus } from "@/api/shapes";

export const lifeQuery = (id: string) =>
  queryOptions({
    queryKey: ["orders", id, "life"],
    queryFn: ({ signal }) => read<OrderLife>("/orders/{id}/life/", { path: { id }, signal }),
  });

const ENDS: ReadonlySet<OrderStatus> = new Set(["denied", "filled", "cancelled", "rejected", "expired", "absent"]);

export function hasEnded(status: OrderStatus): boolean {
  return ENDS.has(status);
}

/** An order's life; while it is working, each move that the socket tells of reads it again. */
export function useOrderLife(id: string) {
  const query = useQuery(lifeQuery(id));
  const order = query.data?.order;
  const isWorking = order !== undefined && !hasEnded(order.status);
  const channel = useChannel<Items<Order>>(isWorking ? `orders:${order.account}` : null);
  const live = channel?.data?.items.find((row) => row.id === id);
  const client = useQueryClient();
  const moved =
    live && (live.status !== order?.status || live.filled !== order.filled) ? `${live.status} ${live.filled}` : "";
  useEffect(() => {
    if (moved) void client.invalidateQueries({ queryKey: lifeQuery(id).queryKey });
  }, [client, id, moved]);
  return { query, isWorking };
}
