/** Pre-trade checks as a reader wants them: grouped, and measured against their limit. */

import type { Check } from "@/api/shapes";
import { isFloor as isFloorOf } from "@/ui/apart";
import { parted } from "@/ui/checkNames";

export type CheckResult = Check;

const GROUPS: readonly { title: string; checks: readonly string[] }[] = [
  { title: "The order itself", checks: ["request", "intent", "numbers", "steps", "lot_limits", "ticks", "protection"] },
  {
    title: "Allowed to trade",
    checks: [
      "own_account",
      "within_position",
      "enabled",
      "not_blocked",
      "no_doubt",
      "breaker",
      "permission",
      "restricted",
      "pack",
      "hedge",
      "fifo",
    ],
  },
  { title: "Conduct", checks: ["duplicate", "self_trade", "throttle", "repeat"] },
  { title: "The market", checks: ["good_quote", "steady_market", "session", "price_band"] },
  {
    title: "Limits",
    checks: [
      "sizing",
      "order_size",
      "order_value",
      "capital",
      "position",
      "gross",
      "net",
      "currency",
      "margin",
      "free_margin",
      "open_orders",
      "entries_day",
      "value_day",
      "day_loss",
      "sigma",
      "var",
      "es",
    ],
  },
];

export interface CheckGroup {
  title: string;
  checks: CheckResult[];
  failed: number;
}

/** Checks in their groups, in the order asked; a group without checks is left out. */
export function grouped(checks: readonly CheckResult[]): CheckGroup[] {
  const known = GROUPS.map(({ title, checks: names }) => ({
    title,
    checks: checks.filter((each) => names.includes(parted(each.check).base)),
  }));
  const named = new Set(known.flatMap((group) => group.checks));
  const others = { title: "Other checks", checks: checks.filter((each) => !named.has(each)) };
  return [...known, others]
    .filter((group) => group.checks.length > 0)
    .map((group) => ({ ...group, failed: group.checks.filter((each) => !each.passed).length }));
}

export interface Measure {
  /** How full the bar is, 0 to 1. */
  fill: number;
  /** Where the limit stands on the bar, 0 to 1. */
  mark: number;
  /** A floor must be reached, a ceiling must not be passed. */
  isFloor: boolean;
}

/** Place value and limit on one bar; null when there is nothing to measure. Widths only, never money. */
export function measure(check: CheckResult): Measure | null {
  const value = Number(check.value ?? Number.NaN);
  const limit = Number(check.limit ?? Number.NaN);
  if (!Number.isFinite(value) || !Number.isFinite(limit) || limit < 0) return null;
  const isFloor = isFloorOf(check);
  const most = Math.max(Math.abs(value), limit) * (Math.abs(value) > limit ? 1.08 : 1);
  if (most === 0) return { fill: 0, mark: 1, isFloor };
  return {
    fill: Math.min(1, (isFloor ? Math.max(0, value) : Math.abs(value)) / most),
    mark: Math.min(1, limit / most),
    isFloor,
  };
}

/** The part of a ceiling that is used: "62 % used"; empty for floors and for limits of nought. */
export function usedShare(check: CheckResult): string {
  const value = Number(check.value ?? Number.NaN);
  const limit = Number(check.limit ?? Number.NaN);
  if (!Number.isFinite(value) || !(limit > 0) || isFloorOf(check)) return "";
  const share = (Math.abs(value) / limit) * 100;
  return `${share > 0 && share < 1 ? "<1" : Math.round(share)} % used`;
}
