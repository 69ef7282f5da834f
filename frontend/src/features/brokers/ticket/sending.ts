import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { newKey, Problem, write } from "@/api/client";
import type { Order, OrderWish, Preview } from "@/api/shapes";

const DEBOUNCE_MS = 300;
const RENEW_MS = 5_000;

/** What the desk would say to this order now; null asks nothing. */
export function usePreview(wish: OrderWish | null) {
  const settled = useSettled(wish === null ? "" : JSON.stringify(wish), DEBOUNCE_MS);
  return useQuery({
    queryKey: ["preview", settled],
    queryFn: ({ signal }) => write<Preview>("/orders/preview/", { body: JSON.parse(settled), signal }),
    enabled: settled !== "",
    refetchInterval: RENEW_MS,
    placeholderData: keepPreviousData,
    gcTime: RENEW_MS,
  });
}

function useSettled(value: string, after_ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), after_ms);
    return () => clearTimeout(timer);
  }, [value, after_ms]);
  return settled;
}

/**
 * Send an order once. An attempt that got no answer, or was told to come again, keeps its key, so sending the same
 * order again cannot make two; any other answer, or another order, takes a new key.
 */
export function useSend() {
  const open = useRef<{ body: string; key: string } | null>(null);
  return useMutation({
    mutationFn: async (wish: OrderWish) => {
      const body = JSON.stringify(wish);
      if (open.current?.body !== body) open.current = { body, key: newKey() };
      const { key } = open.current;
      return write<Order>("/orders/", { body: wish, key });
    },
    onSettled: (_order, fault) => {
      if (!fault || (fault instanceof Problem && !mayPassLater(fault))) open.current = null;
    },
  });
}

/** Somebody else holds the account, or the first attempt still runs: the same key is to be used again. */
function mayPassLater({ status }: Problem): boolean {
  return status === 409 || status === 503;
}
