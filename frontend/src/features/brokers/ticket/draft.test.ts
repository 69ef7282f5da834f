import { expect, test } from "vitest";
import { type Draft, faultsOf, firstDraft, suggestedPrice, wishOf } from "./draft";

const SPEC = { lot_step: "0.01", lot_min: "0.01", lot_max: "50", tick_size: "0.00001" };
const QUOTE = { bid: "1.10000", ask: "1.10010" };
const draft = (part: Partial<Draft> = {}): Draft => ({ ...firstDraft(undefined), ...part });
const faults = (part: Partial<Draft>) => faultsOf(draft(part), SPEC, QUOTE);

test.each([
  ["", "Enter a quantity"],
  ["abc", "Not a number"],
  ["0", "At least 0.01 lots"],
  ["51", "At most 50 lots"],
  ["0.015", "In steps of 0.01 lots"],
])("quantity %j: %s", (quantity, fault) => {
  expect(faults({ quantity }).quantity).toBe(fault);
});

test("a sound market order has no faults", () => {
  expect(faults({ quantity: "0.10", stopLoss: "1.09900", takeProfit: "1.10200" })).toEqual({});
});

test("stops stand on the losing side, targets on the winning", () => {
  expect(faults({ side: "buy", stopLoss: "1.10100" }).stopLoss).toBe("Must be below 1.10010");
  expect(faults({ side: "sell", takeProfit: "1.10100" }).takeProfit).toBe("Must be below 1.10000");
});

test("a limit waits on the better side of the market, a stop on the worse", () => {
  expect(faults({ type: "limit", side: "buy", price: "1.10100" }).price).toBe("A buy limit waits below 1.10010");
  expect(faults({ type: "stop", side: "sell", price: "1.10100" }).price).toBe("A sell stop waits below 1.10000");
  expect(faults({ type: "stop", side: "buy", price: "1.10100" }).price).toBeUndefined();
});

test("a price off the tick grid is refused", () => {
  expect(faults({ type: "limit", price: "1.099995" }).price).toBe("In steps of 0.00001");
});

test("prices are suggested ten ticks away, on the side where they wait", () => {
  expect(suggestedPrice(draft({ type: "limit", side: "buy" }), QUOTE, "0.00001")).toBe("1.09990");
  expect(suggestedPrice(draft({ type: "stop", side: "buy" }), QUOTE, "0.00001")).toBe("1.10020");
});

test("the body holds the figures as typed, and only those that apply", () => {
  const wish = wishOf(draft({ quantity: "0,10", price: "1.2", stopLoss: "1.09" }), "acc-1", "EURUSD");
  expect(wish).toEqual({
    account: "acc-1",
    instrument: "EURUSD",
    side: "buy",
    type: "market",
    quantity: "0.10",
    stop_loss: "1.09",
    reduce_only: false,
  });
});
