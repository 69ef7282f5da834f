// Orders of an account, and what a person does with them.
import { useMutation } from "@tanstack/react-query";
import { WORKING } from "@/api/fold";
import { writeOnce } from "@/api/once";
import type { Order, OrderTerms, Position } from "@/api/shapes";
import { useHistory, useNewest } from "./history";

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
    mutationFn: (id: string) => writeOnce<Order>("/orders/{order_id}/cancel/", { path: { order_id: id } }),
  });
}

/** Ask for other terms of a resting order: pressed twice it is one change, and after a lost answer the same one. */
export function useChange() {
  return useMutation({
    mutationFn: ({ order, changes }: { order: Order; changes: OrderTerms }) =>
      writeOnce<Order>("/orders/{order_id}/", {
        method: "PATCH",
        path: { order_id: order.id },
        body: changes,
        about: `revision ${order.revision}`,
      }),
  });
}

/** Close what is held now: pressed twice it is one exit, and after a lost answer the same one. */
export function useClose() {
  return useMutation({
    mutationFn: ({ id, quantity, average_price }: Position) =>
      writeOnce<Order>("/positions/{position_id}/close/", {
        path: { position_id: id },
        body: {},
        about: `${quantity} at ${average_price}`,
      }),
  });
}
