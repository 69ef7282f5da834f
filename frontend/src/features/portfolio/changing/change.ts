// What a person asks to change of a resting order, and what came of it. Figures stay strings, as in the ticket.
import type { Instrument, Order, OrderLife, OrderTerms, Priced } from "@/api/shapes";
import { clean, compare } from "@/ui/decimals";
import { trimmed } from "@/ui/figures";
import { besideFault, marketFault, priceFault, quantityFault } from "@/ui/terms";
import { isWorking } from "../orders";

export const TERMS = ["quantity", "price", "stop_loss", "take_profit"] as const;
export type Term = (typeof TERMS)[number];
/** Only what was touched: everything else follows the order. */
export type Typed = Partial<Record<Term, string>>;
export type Faults = Partial<Record<Term, string>>;

export const NAMES: Record<Term, string> = {
  quantity: "Quantity",
  price: "Price",
  stop_loss: "Stop loss",
  take_profit: "Take profit",
};

const RESTING: ReadonlySet<string> = new Set(["accepted", "partially_filled"]);

/** It waits at the venue at a price, and no other change or cancel of it is under way. */
export function canChange(order: Order): boolean {
  return order.type !== "market" && RESTING.has(order.status);
}

/** Why an order cannot be changed now, for whoever would press the button. */
export function whyNot(order: Order): string {
  if (canChange(order)) return "";
  if (order.status === "replace_pending") return "a change waits for the venue's answer";
  if (order.type === "market") return "a market order has no terms to wait at";
  return `the order is ${order.status.replaceAll("_", " ")}`;
}

export function shown(order: Order, typed: Typed, term: Term): string {
  const value = order[term];
  return typed[term] ?? (value === null ? "" : trimmed(value).replaceAll(",", ""));
}

/** The terms that differ from the order's, as the desk takes them; an emptied price is taken off. */
export function changesOf(order: Order, typed: Typed): OrderTerms {
  const changed = TERMS.filter((term) => {
    const text = typed[term];
    return text !== undefined && !isSame(text, order[term]);
  });
  return Object.fromEntries(changed.map((term) => [term, clean(typed[term] ?? "")]));
}

function isSame(text: string | null, value: string | null): boolean {
  if (!text?.trim() || value === null) return !text?.trim() && value === null;
  return compare(text, value) === 0;
}

/** Faults of what was touched; the rest stands at the venue already. */
export function faultsOf(
  order: Order,
  typed: Typed,
  instrument: Instrument | undefined,
  quote: Priced | undefined,
): Faults {
  if (!instrument) return {};
  const { type, side } = order;
  const price = shown(order, typed, "price");
  const away = side === "buy" ? 1 : -1;
  const protection = (term: "stop_loss" | "take_profit", direction: 1 | -1) => {
    const text = shown(order, typed, term);
    return priceFault(text, instrument.tick_size) ?? besideFault(text, clean(price), direction);
  };
  const found: Record<Term, string | null> = {
    quantity: typed.quantity === undefined ? null : lotsFault(order, typed.quantity, instrument),
    price:
      typed.price === undefined || isSame(price, order.price)
        ? null
        : (priceFault(price, instrument.tick_size, true) ?? marketFault({ type, side, price }, quote)),
    stop_loss: protection("stop_loss", away > 0 ? -1 : 1),
    take_profit: protection("take_profit", away > 0 ? 1 : -1),
  };
  return Object.fromEntries(Object.entries(found).filter(([, fault]) => fault !== null));
}

function lotsFault(order: Order, text: string, instrument: Instrument): string | null {
  const fault = quantityFault(text, instrument);
  if (fault || compare(text, order.filled) === 1) return fault;
  return `More than the ${trimmed(order.filled)} that are filled`;
}

/** "Price 1.0990 → 1.0985", one for each term that changes. */
export function inWords(order: Order, changes: OrderTerms): string[] {
  const written = (value: string | null | undefined) => (value ? trimmed(value) : "none");
  return TERMS.filter((term) => term in changes).map(
    (term) => `${NAMES[term]} ${written(order[term])} → ${written(changes[term])}`,
  );
}

export interface Asked {
  changes: OrderTerms;
  /** The order's revision with this change. */
  revision: number;
}

export type Outcome = "pending" | "taken" | "kept" | "ended";

/** Where a change stands, by the order as it is heard of now. */
export function outcomeOf(asked: Asked, order: Order): Outcome {
  if (order.revision < asked.revision || order.status === "replace_pending") return "pending";
  const isTaken = TERMS.every((term) => !(term in asked.changes) || isSame(asked.changes[term] ?? null, order[term]));
  if (isTaken) return "taken";
  return isWorking(order) ? "kept" : "ended";
}

/** What the venue (or the desk in its place) said when it kept the old terms; empty where nothing is written. */
export function refusalIn(life: OrderLife | undefined): string {
  const event = life?.events.findLast(({ kind }) => kind === "amend_refused");
  const text = event?.detail.text;
  const said = (event?.text || (typeof text === "string" ? text : "")).replace(/\.$/, "");
  return said.charAt(0).toUpperCase() + said.slice(1);
}
