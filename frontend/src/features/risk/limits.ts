// What bounds the next order on an account, with what is used of it: the desk's, the account's and one's own.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { read } from "@/api/client";
import { useChannel } from "@/api/live";
import type { Limit } from "@/api/shapes";
import { figure } from "@/ui/figures";

const RENEW_MS = 5_000;
/** After an order moved, limits are read again, at most this often. */
const SETTLE_MS = 1_000;

export const limitsQuery = (account: string) =>
  queryOptions({
    queryKey: ["limits", account],
    queryFn: ({ signal }) => read<Limit[]>("/limits/", { query: { account }, signal }),
    refetchInterval: RENEW_MS,
  });

/** Limits of an account, read on an interval and soon after an order of it moved. */
export function useLimits(account: string) {
  const query = useQuery(limitsQuery(account));
  const seq = useChannel(`orders:${account}`)?.seq;
  const { refetch } = query;
  useEffect(() => {
    if (seq === undefined) return;
    const timer = setTimeout(() => void refetch(), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [seq, refetch]);
  return query;
}

export type LimitTone = "over" | "soft" | "unknown" | "good";

export function toneOf(limit: Limit): LimitTone {
  if (limit.is_over) return "over";
  if (limit.is_soft) return "soft";
  return limit.used === null ? "unknown" : "good";
}

/** How far a bar is filled, 0 to 1. Widths only, never money. */
export function fillOf({ share, is_over }: Limit): number {
  return is_over ? 1 : Math.min(1, Math.max(0, share ?? 0));
}

/** Where the soft mark stands on the way to the limit, 0 to 1; null without one. */
export function markOf({ soft, hard, is_floor }: Limit): number | null {
  if (soft === null || hard === null) return null;
  const place = is_floor ? Number(hard) / Number(soft) : Number(soft) / Number(hard);
  return Number.isFinite(place) ? Math.min(1, Math.max(0, place)) : null;
}

/** "gross of USDJPY", "position (EURUSD)". */
export function nameOf({ name, counts, at }: Limit): string {
  return `${name}${counts ? ` of ${counts}` : ""}${at ? ` (${at})` : ""}`;
}

/** "406,615.33 of 1,000,000.00 USD, 593,384.67 left". */
export function wordsOf(limit: Limit): string {
  const { unit, currency, used, hard, left, is_floor, is_over, why } = limit;
  const end = hard === null ? "unknown" : figure(hard, unit, currency);
  if (used === null) return `unknown of ${end}${why ? `: ${why}` : ""}`;
  const apart = figure(left?.replace(/^-/, ""), unit);
  const rest = left === null ? "" : `, ${apart} ${is_over ? (is_floor ? "short" : "over") : "left"}`;
  return `${figure(used, unit)} ${is_floor ? "there, at least" : "of"} ${end}${rest}`;
}
