import { expect, test } from "vitest";
import { life } from "./cast";
import { gapWords, stepsOf, stepTitle } from "./timeline";

test("steps come oldest first, each with the time since the one before", () => {
  const steps = stepsOf([...life.events.slice(3), ...life.events.slice(0, 3)], life.fills, life.review?.created_at);
  expect(steps.map(({ title, gap_ms }) => [title, gap_ms])).toEqual([
    ["Approved by risk", 2],
    ["Sent to the broker", 7],
    ["Accepted by the broker", 89],
    ["Partly filled", 3],
    ["Filled", 1299],
  ]);
});

test("a fill stands at the event that booked it, with the move that it caused", () => {
  const last = stepsOf(life.events, life.fills).at(-1);
  expect(last?.fill?.price).toBe("1.08417");
  expect([last?.from, last?.to]).toEqual(["partially_filled", "filled"]);
});

test("a fill that no event names is not lost", () => {
  const steps = stepsOf([], life.fills);
  expect(steps.map((step) => step.fill?.id)).toEqual(["E1", "E2"]);
});

test("an unknown kind of event is told in its own words", () => {
  expect(stepTitle("moved_by_hand")).toBe("Moved by hand");
});

test.each([
  [null, ""],
  [0, "+0 ms"],
  [1299, "+1.30 s"],
  [12_340, "+12.3 s"],
  [125_000, "+2 min 5 s"],
  [7_260_000, "+2 h 1 min"],
  [200_000_000, "+2 days"],
])("a gap of %s ms is written %j", (gap, words) => {
  expect(gapWords(gap)).toBe(words);
});
