// What is wrong with an order's terms as they were typed; null where nothing is. The desk checks all of it again.
import { compare, isMultiple, parse } from "./decimals";

interface Lots {
  lot_step: string;
  lot_min: string;
  lot_max: string;
}

interface Market {
  bid: string;
  ask: string;
}

interface Waiting {
  type: string;
  side: "buy" | "sell";
  price: string;
}

export function quantityFault(text: string, spec: Lots): string | null {
  if (!text.trim()) return "Enter a quantity";
  if (!parse(text)) return "Not a number";
  if (compare(text, spec.lot_min) === -1) return `At least ${spec.lot_min} lots`;
  if (compare(text, spec.lot_max) === 1) return `At most ${spec.lot_max} lots`;
  return isMultiple(text, spec.lot_step) ? null : `In steps of ${spec.lot_step} lots`;
}

export function priceFault(text: string, tick: string, isRequired = false): string | null {
  if (!text.trim()) return isRequired ? "Enter a price" : null;
  if (!parse(text)) return "Not a number";
  if (compare(text, "0") !== 1) return "Above zero";
  return isMultiple(text, tick) ? null : `In steps of ${tick}`;
}

/** A limit waits on the better side of the market, a stop on the worse. */
export function marketFault({ type, side, price }: Waiting, quote: Market | undefined): string | null {
  if (!quote) return null;
  const market = side === "buy" ? quote.ask : quote.bid;
  const isAbove = compare(price, market) === 1;
  const wantsAbove = (side === "buy") === (type === "stop");
  if (isAbove === wantsAbove) return null;
  return `A ${side} ${type} waits ${wantsAbove ? "above" : "below"} ${market}`;
}

export function besideFault(text: string, entry: string | null, direction: 1 | -1): string | null {
  if (!text.trim() || entry === null) return null;
  return compare(text, entry) === direction ? null : `Must be ${direction > 0 ? "above" : "below"} ${entry}`;
}

/** Of a share of equity at risk, in per cent. */
export function percentFault(text: string): string | null {
  if (!text.trim()) return "Enter a percentage";
  const value = parse(text);
  if (!value) return "Not a number";
  if (compare(text, "0") !== 1) return "Above zero";
  if (compare(text, "100") === 1) return "At most 100 %";
  return value.places > 4 ? "At most 4 decimals" : null;
}
