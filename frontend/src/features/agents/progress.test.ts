import { expect, test } from "vitest";
import { run } from "./cast";
import { shareDone, timeLeft, whereItIs } from "./progress";

test("the second of three seeds, half way, is half of the whole", () => {
  expect(shareDone(run.progress)).toBeCloseTo(0.5);
  expect(whereItIs(run.progress)).toBe("seed 2 of 3, 30,000 of 60,000 steps");
});

test("a run that has not begun is at nought, one past its end at one", () => {
  expect(shareDone({})).toBe(0);
  expect(shareDone({ seed_index: 3, seeds: 3, step: 60_000, steps: 60_000 })).toBe(1);
  expect(whereItIs({})).toBe("not started");
});

test.each([
  [null, ""],
  [0.4, "a moment left"],
  [20.2, "about 21 s left"],
  [60, "about 1 min left"],
  [132, "about 2 min 10 s left"],
  [7260, "about 2 h 1 min left"],
])("%s seconds left are told as %j", (left_s, words) => {
  expect(timeLeft(left_s)).toBe(words);
});
