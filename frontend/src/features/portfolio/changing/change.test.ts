import { expect, test } from "vitest";
import type { Instrument, Order, Priced } from "@/api/shapes";
import { order as filled } from "../order-life/cast";
import { canChange, changesOf, faultsOf, inWords, outcomeOf } from "./change";

const ORDER: Order = {
  ...filled,
  type: "limit",
  status: "accepted",
  quantity: "0.3000",
  filled: "0.1000",
  price: "1.0990000000",
  stop_loss: "1.0970000000",
};
const SPEC = { lot_step: "0.01", lot_min: "0.01", lot_max: "50", tick_size: "0.00001" } as Instrument;
const QUOTE = { bid: "1.10000", ask: "1.10010" } as Priced;

test("only what differs is asked for, and an emptied stop is taken off", () => {
  expect(changesOf(ORDER, { price: "1,0985", stop_loss: "", quantity: "0.30" })).toEqual({
    price: "1.0985",
    stop_loss: null,
  });
});

test("what was not touched is no change, whatever becomes of the order meanwhile", () => {
  expect(changesOf({ ...ORDER, price: "1.05" }, { take_profit: "" })).toEqual({});
});

test("only an order that waits at the venue can be changed", () => {
  expect(canChange(ORDER)).toBe(true);
  for (const status of ["approved", "sending", "replace_pending", "cancel_pending", "unknown", "filled"] as const)
    expect(canChange({ ...ORDER, status })).toBe(false);
  expect(canChange({ ...ORDER, type: "market" })).toBe(false);
});

test("a new price waits on its side of the market, and the stop stands beside it", () => {
  expect(faultsOf(ORDER, { price: "1.10100" }, SPEC, QUOTE)).toEqual({ price: "A buy limit waits below 1.10010" });
  expect(faultsOf(ORDER, { price: "1.09600" }, SPEC, QUOTE)).toEqual({ stop_loss: "Must be below 1.09600" });
});

test("the lots stay above what is filled", () => {
  expect(faultsOf(ORDER, { quantity: "0.10" }, SPEC, QUOTE)).toEqual({ quantity: "More than the 0.1 that are filled" });
});

test("each change is told with what it was", () => {
  expect(inWords(ORDER, { price: "1.0985", stop_loss: null })).toEqual([
    "Price 1.099 → 1.0985",
    "Stop loss 1.097 → none",
  ]);
});

test.each([
  [{ status: "accepted", revision: 0 }, "pending"],
  [{ status: "replace_pending", revision: 1 }, "pending"],
  [{ status: "accepted", revision: 1, price: "1.09850" }, "taken"],
  [{ status: "accepted", revision: 1 }, "kept"],
  [{ status: "filled", revision: 1 }, "ended"],
] as const)("an order at %j: the change is %s", (now, outcome) => {
  expect(outcomeOf({ changes: { price: "1.0985" }, revision: 1 }, { ...ORDER, ...now })).toBe(outcome);
});
