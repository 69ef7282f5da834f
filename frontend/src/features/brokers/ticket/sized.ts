// The lots that a share of equity at risk comes to, as the desk's preview tells them.
import type { OrderWish, Preview } from "@/api/shapes";
import { compare } from "@/ui/decimals";
import { trimmed } from "@/ui/figures";
import { percent } from "@/ui/format";

/** Below this part of what was asked a person is told that sizing allows less; steps and spreads take a little. */
const NEARLY = 0.9;
/** Figures of an order's size: they mean nothing where it has none. */
const BY_SIZE: ReadonlySet<string> = new Set(["lots", "money", "equity", "share", "times"]);

export function percentWords(share: string): string {
  return `${trimmed((Number(share) * 100).toFixed(4))} %`;
}

/** The lots that would be sent; null where the desk found none. Unsized, it judges the most that one order may have. */
export function sizeOf(preview: Preview, wish: OrderWish, lotMax: string): string | null {
  if (!wish.risk_share || preview.would === "pass") return preview.quantity;
  const isUnsized = preview.checks.some(({ check, passed }) => check === "sizing" && !passed);
  return isUnsized || compare(preview.quantity, lotMax) === 0 ? null : preview.quantity;
}

/** Of an order without a size only the checks that do not look at it, why it has none first. */
export function checksOf(preview: Preview, size: string | null): Preview["checks"] {
  if (size !== null) return preview.checks;
  const isOfSize = ({ check, unit }: Preview["checks"][number]) => check !== "sizing" && BY_SIZE.has(unit);
  const left = preview.checks.filter((check) => !isOfSize(check));
  return [...left.filter(({ check }) => check === "sizing"), ...left.filter(({ check }) => check !== "sizing")];
}

/** What is lost at the stop as a share of equity; null where one of them is not known. */
export function shareAtStop(risk: string | null, equity: string | null | undefined): number | null {
  const [lost, of] = [Number(risk ?? ""), Number(equity ?? "")];
  return risk && of > 0 && Number.isFinite(lost) ? lost / of : null;
}

/** "Less than the 2 % asked for", where sizing or the lot step leaves clearly less; else empty. */
export function lessWords(wish: OrderWish, share: number | null): string {
  if (!wish.risk_share || share === null || share >= NEARLY * Number(wish.risk_share)) return "";
  return `${percent(share)} of equity, less than the ${percentWords(wish.risk_share)} asked for: sizing and the lot step allow no more.`;
}
