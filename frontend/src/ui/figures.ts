// Figures with their unit, as checks, sizing and orders carry them.
import { decimal, lots, money, percent } from "./format";

/** A decimal without trailing noughts. */
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
