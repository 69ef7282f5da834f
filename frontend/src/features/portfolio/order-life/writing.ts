/** How figures of an order's life are written, by their unit. */

import type { OrderStatus } from "@/api/shapes";
import { decimal, lots, money, percent } from "@/ui/format";
import type { Tone } from "@/ui/Pill";

export function trimmed(value: string | null | undefined): string {
  if (!value) return "–";
  return decimal(value.includes(".") ? value.replace(/0+$/, "").replace(/\.$/, "") : value);
}

/** "0.31 lots", "1 lot". */
export function lotWords(value: string | null | undefined): string {
  const written = lots(value);
  return `${written} ${written === "1" ? "lot" : "lots"}`;
}

/** A figure with its unit. Money carries the account's currency where it is known. */
export function figure(value: string | null | undefined, unit: string, currency = ""): string {
  if (value === null || value === undefined || value === "") return "–";
  if (unit === "lots") return lotWords(value);
  if (unit === "money") return `${money(value)} ${currency}`.trim();
  if (unit === "share") return percent(Number(value));
  if (unit === "times") return `${trimmed(value)} ×`;
  if (unit === "count") return trimmed(value);
  return trimmed(value);
}

const TONES: Record<OrderStatus, Tone> = {
  denied: "bad",
  approved: "info",
  sending: "info",
  accepted: "info",
  partially_filled: "info",
  filled: "good",
  cancel_pending: "warn",
  replace_pending: "warn",
  cancelled: "plain",
  rejected: "bad",
  expired: "plain",
  unknown: "alert",
  absent: "bad",
};

export function statusTone(status: string): Tone {
  return TONES[status as OrderStatus] ?? "plain";
}

/** Wall time to the millisecond: what happened between two steps is often shorter than a second. */
export function clock(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "–" : date.toISOString().slice(11, 23);
}

export function date(at: string): string {
  const when = new Date(at);
  return Number.isNaN(when.getTime()) ? "" : when.toISOString().slice(0, 10);
}

export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "";
  if (value < 0.01) return "<0.01 ms";
  return `${value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0)} ms`;
}
