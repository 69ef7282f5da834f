// The desk's clock: asked for now and then, counted on in between.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { read } from "./client";
import type { Clock } from "./shapes";

export const clockQuery = queryOptions({
  queryKey: ["clock"],
  queryFn: async ({ signal }) => ({ ...(await read<Clock>("/clock/", { signal })), askedAt: Date.now() }),
  refetchInterval: 20_000,
  staleTime: 20_000,
});

/** Desk time in epoch milliseconds at our `now`. */
export function deskTime(clock: Pick<Clock, "desk_at" | "speed" | "ended"> & { askedAt: number }, now: number): number {
  const passed = clock.ended ? 0 : (now - clock.askedAt) * clock.speed;
  return Date.parse(clock.desk_at) + Math.max(0, passed);
}

export function useClock() {
  return useQuery(clockQuery).data;
}
