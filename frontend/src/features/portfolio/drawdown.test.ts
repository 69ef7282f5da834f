import { expect, test } from "vitest";
import { headroom, seriesOf } from "./drawdown";

const curve = (base: string | null, ...values: number[]) => ({
  base,
  limits: [0.05, 0.1, 0.15],
  points: values.map((value, place) => ({
    at: new Date(place * 60_000).toISOString(),
    mean: String(value),
    low: String(value),
    high: String(value),
  })),
});
const drawdown = (...given: Parameters<typeof curve>) =>
  seriesOf(curve(...given)).drawdown.map(([, share]) => Number(share.toFixed(4)));

test("a curve that only rose never fell, although its high-water mark stands at the end", () => {
  expect(drawdown("110", 100, 105, 110)).toEqual([0, 0, 0]);
});

test("the fall is counted from the highest before it, and from the mark itself once that was reached", () => {
  expect(drawdown("200.1", 100, 90, 200, 160.08)).toEqual([0, -0.1, -0.0005, -0.2]);
});

test("a mark from before the picture counts from its start; without one the highest so far counts", () => {
  expect(drawdown("125", 100, 110)).toEqual([-0.2, -0.12]);
  expect(drawdown(null, 100, 90)).toEqual([0, -0.1]);
});

test("each line tells what is left to it, and what is passed", () => {
  const rooms = headroom(0.06, [0.05, 0.1, 0.15]);
  expect(rooms.map(({ name, left }) => [name, Number(left.toFixed(4))])).toEqual([
    ["warning", -0.01],
    ["reducing", 0.04],
    ["halted", 0.09],
  ]);
});
