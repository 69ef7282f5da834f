import { expect, test } from "vitest";
import type { BarRow } from "@/api/shapes";
import type { Candle } from "../bars";
import { areApart } from "../bars";
import { additions, openingOf, withMinutes, withPrice } from "./forming";
import { placed } from "./marks";

const candle = (time: number, price = 1): Candle => ({
  time,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: 1,
});

test("bars are counted on from the last closed one, over a gap too", () => {
  expect(openingOf(605, 300, 0)).toBe(600);
  expect(openingOf(79_205, 86_400, 75_600 - 86_400)).toBe(75_600);
});

test("prices move the forming candle, the first of the next bar opens it", () => {
  const last = candle(0);
  let forming = withPrice(null, 1.2, 61, 60, last);
  forming = withPrice(forming, 1.4, 70, 60, last);
  forming = withPrice(forming, 1.3, 80, 60, last);
  expect(forming).toMatchObject({ time: 60, open: 1.2, high: 1.4, low: 1.2, close: 1.3 });
  expect(withPrice(forming, 1.5, 121, 60, last)).toMatchObject({ time: 120, open: 1.5 });
});

test("a late price of a bar that has closed draws nothing", () => {
  expect(withPrice(null, 1.2, 61, 60, candle(60))).toBeNull();
});

test("minutes closed before the page was opened give open, high and low", () => {
  const forming = withMinutes(candle(300, 1.1), [candle(240, 9), candle(300, 1.05), candle(360, 1.2)]);
  expect(forming).toMatchObject({ open: 1.05, high: 1.2, low: 1.05, close: 1.1 });
});

test("marks stand on the candle they happened in; older ones are left out", () => {
  const mark = (id: string, at: number) => ({ id, at, kind: "fill" as const, side: "buy" as const, text: "" });
  expect(
    placed([mark("new", 130), mark("old", 5)], [candle(60), candle(120)]).map(({ id, time }) => [id, time]),
  ).toEqual([["new", 120]]);
});

test("a candle that closes is put into the picture; another stretch of time is drawn anew", () => {
  const old = [candle(0), candle(60)];
  expect(additions(old, [...old, candle(120)], () => true)).toEqual([candle(120)]);
  expect(additions(old, [...old, candle(120)], () => false)).toBeNull();
  expect(additions(old, [candle(-60), ...old], () => true)).toBeNull();
  expect(additions(old, [candle(0), candle(120)], () => true)).toBeNull();
  expect(additions([], old, () => true)).toBeNull();
});

test("bars read once and bars told since have a hole between them after a long break", () => {
  const bars = (...times: number[]) => times.map((at): BarRow => [at, "1", "1", "1", "1", 1, "0"]);
  expect(areApart(bars(0, 60), bars(60, 120))).toBe(false);
  expect(areApart(bars(0, 60), bars(180, 240))).toBe(true);
  expect(areApart(bars(0, 60), undefined)).toBe(false);
});
