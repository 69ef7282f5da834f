// Orders of an account, and what a person does with them.
import { useMutation } from "@tanstack/react-query";
import { newKey, write } from "@/api/client";
import type { Order, OrderStatus } from "@/api/shapes";
import { useHistory, useNewest } from "./history";

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
  return useNewest<Order>("orders", account);
}

export function useOrderHistory(account: string) {
  return useHistory<Order>("orders", account);
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
