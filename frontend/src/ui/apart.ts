// How far a check's value lies from its limit, exactly: what is over, or what is left.
import { parted } from "./checkNames";
import { add, compare } from "./decimals";
import { figure } from "./figures";

/** One check of a review or of a preview. */
export interface Compared {
  check: string;
  passed: boolean;
  reason: string;
  value?: string | null;
  limit?: string | null;
  unit?: string;
}

/** These compare nothing that could be gone beyond: a step, a side of the price, a number that is none. */
const NO_DISTANCE: ReadonlySet<string> = new Set([
  "lot_step",
  "tick_size",
  "bad_protection",
  "bad_price",
  "bad_quantity",
]);

export interface Apart {
  /** A decimal, nought or more. */
  amount: string;
  kind: "over" | "short" | "left";
}

function distance(value: string, limit: string): string | null {
  const found = add(value, limit.startsWith("-") ? limit.slice(1) : `-${limit}`);
  return found === null ? null : found.replace(/^-/, "");
}

/** A floor must be reached, a ceiling must not be passed; old reviews know only by what came of it. */
export function isFloor({ check, passed, value, limit }: Compared): boolean {
  if (parted(check).base === "free_margin") return true;
  const side = compare(value ?? "", limit ?? "");
  return passed ? side === 1 : side === -1;
}

/** What a check is over or short of, or has left; null where it compares nothing. */
export function apartOf(check: Compared): Apart | null {
  const { passed, value, limit, reason } = check;
  if (!value || !limit || NO_DISTANCE.has(reason)) return null;
  const amount = distance(value, limit);
  if (amount === null) return null;
  if (passed) return { amount, kind: "left" };
  return { amount, kind: isFloor(check) ? "short" : "over" };
}

/** "60,000.00 USD over", "0.5 lots left"; empty where there is nothing to compare. */
export function apartWords(check: Compared, currency: string): string {
  const found = apartOf(check);
  return found ? `${figure(found.amount, check.unit ?? "", currencyOf(check, currency))} ${found.kind}` : "";
}

/** Figures of the desk and of a source are in the desk's own currency, which need not be the account's. */
export function currencyOf({ check }: Compared, currency: string): string {
  const { scope } = parted(check);
  return scope === "desk" || scope === "source" ? "" : currency;
}

/** The limit that would be used most with the order, of those that stand from order to order. */
export function tightest<One extends Compared>(checks: readonly One[]): One | undefined {
  const share = ({ value, limit }: One) => Number(value) / Number(limit);
  return checks
    .filter((check) => check.passed && isStanding(check) && Number(check.limit) > 0)
    .sort((a, b) => share(b) - share(a))[0];
}

/** Something of the limit is used between two orders too: it does not bound each order by itself. */
export function isStanding({ check }: Compared): boolean {
  return STANDING.has(parted(check).base);
}

const STANDING: ReadonlySet<string> = new Set([
  "position",
  "gross",
  "net",
  "currency",
  "margin",
  "open_orders",
  "entries_day",
  "value_day",
  "day_loss",
  "sigma",
  "var",
  "es",
]);
