import { expect, test } from "vitest";
import type { Position } from "@/api/shapes";
import { holdings } from "./holdings";

const part = (source: string, quantity: string, more: Partial<Position> = {}) =>
  ({ instrument: "EURUSD", source, quantity, open_profit: "1.10", profit_currency: "USD", ...more }) as Position;
const seen = (rows: Position[]) =>
  holdings(rows).map(({ position, sources, isFlat }) => [position.quantity, sources, isFlat]);

test("a net position names who holds it, with their parts where they are several", () => {
  expect(seen([part("", "0.3"), part("agent:a", "0.5"), part("user:7", "-0.2")])).toEqual([
    ["0.3", "a +0.5, by hand −0.2", false],
  ]);
  expect(seen([part("", "0.3"), part("agent:a", "0.3")])).toEqual([["0.3", "a", false]]);
});

test("opposite parts that come to nothing together are one flat line, with what they earn together", () => {
  const rows = [part("agent:a", "0.30"), part("agent:b", "-0.1"), part("agent:c", "-0.2", { open_profit: "-3.40" })];
  expect(seen(rows)).toEqual([["0", "a +0.3, b −0.1, c −0.2", true]]);
  expect(holdings(rows)[0]?.position.open_profit).toBe("-1.20");
});

test("parts without a net row that do not cancel out stand for themselves", () => {
  expect(seen([part("agent:a", "0.3"), part("agent:b", "-0.2")])).toEqual([
    ["0.3", "a", false],
    ["-0.2", "b", false],
  ]);
});

test("a sum of different money, or of what is not known, is not told", () => {
  const opposite = [part("agent:a", "1"), part("agent:b", "-1", { profit_currency: "JPY" })];
  expect(holdings(opposite)[0]?.position.open_profit).toBeNull();
  expect(
    holdings([part("agent:a", "1"), part("agent:b", "-1", { open_profit: null })])[0]?.position.open_profit,
  ).toBeNull();
});
