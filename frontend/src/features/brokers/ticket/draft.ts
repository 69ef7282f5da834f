// What a person typed into the ticket, and what is wrong with it. Figures stay strings: they are sent as typed.
import type { Instrument, OrderType, OrderWish, Priced, Side } from "@/api/shapes";
import { add, clean, parse, shareOf } from "@/ui/decimals";
import { besideFault, marketFault, percentFault, priceFault, quantityFault } from "@/ui/terms";

/** An order is so many lots, or as many as lose a share of equity at the stop loss. */
export type SizedBy = "lots" | "risk";

export interface Draft {
  side: Side;
  type: OrderType;
  sizedBy: SizedBy;
  quantity: string;
  /** Per cent of equity. */
  risk: string;
  price: string;
  stopLoss: string;
  takeProfit: string;
  reduceOnly: boolean;
}

export type Field = "quantity" | "risk" | "price" | "stopLoss" | "takeProfit";
export type Faults = Partial<Record<Field, string>>;

export function firstDraft(instrument: Instrument | undefined): Draft {
  return {
    side: "buy",
    type: "market",
    sizedBy: "lots",
    risk: "0.5",
    quantity: instrument?.lot_min ?? "0.01",
    price: "",
    stopLoss: "",
    takeProfit: "",
    reduceOnly: false,
  };
}

type Market = Pick<Priced, "bid" | "ask">;
type Spec = Pick<Instrument, "lot_step" | "lot_min" | "lot_max" | "tick_size">;

/** What keeps the draft from being sent; the desk checks all of it again. */
export function faultsOf(draft: Draft, spec: Spec, quote: Market | undefined): Faults {
  const faults: Faults = {};
  const put = (field: Field, fault: string | null) => {
    if (fault) faults[field] = fault;
  };
  const isByRisk = draft.sizedBy === "risk";
  if (isByRisk) put("risk", percentFault(draft.risk));
  else put("quantity", quantityFault(draft.quantity, spec));
  if (draft.type !== "market") {
    put("price", priceFault(draft.price, spec.tick_size, true) ?? marketFault(draft, quote));
  }
  const entry = entryPrice(draft, quote);
  const isBuy = draft.side === "buy";
  if (isByRisk && !draft.stopLoss.trim()) put("stopLoss", "A share at risk needs a stop loss");
  put("stopLoss", priceFault(draft.stopLoss, spec.tick_size) ?? besideFault(draft.stopLoss, entry, isBuy ? -1 : 1));
  put(
    "takeProfit",
    priceFault(draft.takeProfit, spec.tick_size) ?? besideFault(draft.takeProfit, entry, isBuy ? 1 : -1),
  );
  return faults;
}

/** The price the order would be filled at, as far as it is known before. */
export function entryPrice(draft: Draft, quote: Market | undefined): string | null {
  if (draft.type !== "market") return parse(draft.price) ? clean(draft.price) : null;
  return quote ? (draft.side === "buy" ? quote.ask : quote.bid) : null;
}

/** A price to start from: the market's, which the person then moves. */
export function suggestedPrice(draft: Draft, quote: Market, tick: string): string {
  const isBelow = (draft.side === "buy") === (draft.type === "limit");
  const from = isBelow ? quote.bid : quote.ask;
  const away = `${isBelow ? "-" : ""}${(parse(tick)?.units ?? 1n) * 10n}`;
  const places = parse(tick)?.places ?? 0;
  return add(from, shifted(away, places)) ?? from;
}

/** 10 with 5 places -> "0.00010" */
function shifted(units: string, places: number): string {
  const isNegative = units.startsWith("-");
  const digits = units.replace("-", "").padStart(places + 1, "0");
  const text = places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
  return isNegative ? `-${text}` : text;
}

/** The body that preview and send share. */
export function wishOf(draft: Draft, account: string, instrument: string): OrderWish {
  const optional = (text: string) => clean(text) ?? undefined;
  return {
    account,
    instrument,
    side: draft.side,
    type: draft.type,
    ...(draft.sizedBy === "risk"
      ? { risk_share: shareOf(draft.risk) ?? draft.risk }
      : { quantity: clean(draft.quantity) ?? draft.quantity }),
    ...(draft.type !== "market" && { price: optional(draft.price) }),
    ...(draft.stopLoss.trim() && { stop_loss: optional(draft.stopLoss) }),
    ...(draft.takeProfit.trim() && { take_profit: optional(draft.takeProfit) }),
    reduce_only: draft.reduceOnly,
  };
}
