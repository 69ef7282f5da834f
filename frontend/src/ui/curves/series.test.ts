import { expect, test } from "vitest";
import { align, figuresOf, summaryOf, valueAt } from "./series";

test("curves with different instants share one axis, with gaps", () => {
  const { times, columns } = align([
    [
      [1, 10],
      [3, 30],
    ],
    [[2, 20]],
  ]);
  expect(times).toEqual([1, 2, 3]);
  expect(columns).toEqual([
    [10, null, 30],
    [null, 20, null],
  ]);
});

test("a curve's value is that of its last point at or before an instant", () => {
  const points = [
    [10, 1],
    [20, 2],
    [30, 3],
  ] as const;
  expect([5, 10, 19, 20, 99].map((at) => valueAt(points, at))).toEqual([null, 1, 1, 2, 3]);
});

test("a picture is told in sentences", () => {
  const series = [
    { key: "a", label: "Agent", stroke: "main" as const, points: [[1, 5] as const, [2, 3] as const, [3, 8] as const] },
    { key: "b", label: "Flat", stroke: "dotted" as const, points: [] },
  ];
  expect(summaryOf(series, String)).toBe("Agent goes from 5 to 8, lowest 3, highest 8. Flat: no points yet.");
  expect(figuresOf([])).toBeNull();
});
