import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { write } from "@/api/client";
import { writeOnce } from "@/api/once";
import type { Order, OrderWish, Preview } from "@/api/shapes";

const DEBOUNCE_MS = 300;
const RENEW_MS = 5_000;

export interface Previewing {
  data: Preview | undefined;
  error: Error | null;
  isAsking: boolean;
  /** The data is of the order as it was before the last change. */
  isOld: boolean;
}

/** What the desk would say to this order now; null asks nothing. */
export function usePreview(wish: OrderWish | null): Previewing {
  const asked = wish === null ? "" : JSON.stringify(wish);
  const settled = useSettled(asked, DEBOUNCE_MS);
  const { data, error, isFetching, isPlaceholderData } = useQuery({
    queryKey: ["preview", settled],
    queryFn: ({ signal }) => write<Preview>("/orders/preview/", { body: JSON.parse(settled), signal }),
    enabled: settled !== "",
    refetchInterval: RENEW_MS,
    placeholderData: keepPreviousData,
    gcTime: RENEW_MS,
  });
  return { data, error, isAsking: isFetching, isOld: asked !== settled || isPlaceholderData };
}

function useSettled(value: string, after_ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), after_ms);
    return () => clearTimeout(timer);
  }, [value, after_ms]);
  return settled;
}

/** Send an order once, however often it is pressed; see `writeOnce`. */
export function useSend() {
  return useMutation({ mutationFn: (wish: OrderWish) => writeOnce<Order>("/orders/", { body: wish }) });
}
