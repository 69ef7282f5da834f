import { expect, test } from "vitest";
import { learned, rule } from "./cast";
import { chosen, EVERYTHING, pressed, sorted } from "./listing";

const silent = { ...rule, slug: "usdjpy-flat", name: "USDJPY flat", last_signal_at: null, day_profit: "9" };
const agents = [learned, rule, silent];
const names = (rows: { name: string }[]) => rows.map((row) => row.name);

test("filters narrow together", () => {
  expect(names(chosen(agents, { ...EVERYTHING, kind: "rule", instrument: "GBPUSD" }))).toEqual([
    "GBPUSD ma-cross",
    "USDJPY flat",
  ]);
  expect(names(chosen(agents, { ...EVERYTHING, words: "jpy" }))).toEqual(["USDJPY flat"]);
  expect(chosen(agents, EVERYTHING)).toHaveLength(3);
});

test("money is sorted as numbers, not as text", () => {
  expect(names(sorted(agents, { by: "day_profit", down: true }))).toEqual([
    "GBPUSD ma-cross",
    "USDJPY flat",
    "EURUSD PPO",
  ]);
});

test("what has no value comes last in either direction", () => {
  for (const down of [true, false])
    expect(names(sorted(agents, { by: "last_signal_at", down })).at(-1)).toBe("USDJPY flat");
  expect(names(sorted(agents, { by: "evaluation", down: false }))[0]).toBe("EURUSD PPO");
});

test("a heading pressed again turns the order round; figures begin with the largest", () => {
  expect(pressed({ by: "name", down: false }, "name")).toEqual({ by: "name", down: true });
  expect(pressed({ by: "name", down: false }, "day_profit")).toEqual({ by: "day_profit", down: true });
});
