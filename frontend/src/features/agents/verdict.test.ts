import { describe, expect, test } from "vitest";
import type { Evaluation } from "@/api/shapes";
import { evaluation } from "./cast";
import { tradingDays, verdictOf } from "./verdict";

function told(change: Partial<Evaluation>, agent: Partial<Evaluation["rows"][number]> = {}): string {
  const rows = (change.rows ?? evaluation.rows).map((row) => (row.name === "agent" ? { ...row, ...agent } : row));
  return verdictOf({ ...evaluation, ...change, rows })
    .map((sentence) => sentence.text)
    .join("\n");
}

describe("what an evaluation says", () => {
  test("a loss is called worse than doing nothing, first and with both figures", () => {
    const [first] = verdictOf(evaluation);
    expect(first).toEqual({
      tone: "bad",
      text: "Worse than doing nothing: after costs the agent returned −1.23 %, an idle account 0.00 %.",
    });
  });

  test("a gain is told as better in this period only", () => {
    expect(told({}, { net_return: 0.03 })).toContain("Better than doing nothing in this period: +3.00 %");
  });

  test("an agent that never traded is neither better nor worse", () => {
    expect(told({}, { net_return: 0, trades: 0 })).toContain("made no trade");
  });

  test("rivals that did better are named with their figures, the others are not", () => {
    const text = told({});
    expect(text).toContain("Behind buy-and-hold (+1.10 %).");
    expect(text).not.toContain("moving-average");
  });

  test("a result inside the random band is told as chance, one above it is not", () => {
    expect(told({})).toContain("Within what chance gives");
    expect(told({}, { net_return: 0.05 })).not.toContain("chance gives");
  });

  test("fewer than 504 trading days are too short to judge", () => {
    expect(told({ eval_from: "2026-01-05T00:00:00Z", eval_to: "2026-01-19T00:00:00Z" })).toContain(
      "Too short to judge: 10 trading days, and the gates ask for at least 504.",
    );
    expect(told({ eval_from: "2022-01-01T00:00:00Z" })).not.toContain("Too short");
  });

  test("seeds that disagree are said to", () => {
    expect(told({})).toContain("2 of 3 lost money");
    expect(told({ members: evaluation.members.slice(1, 2) })).not.toContain("seeds disagree");
  });

  test("assumed costs are said to be assumed", () => {
    expect(told({ spread_label: "assumed:v1" })).toContain("costs come from the table assumed:v1");
    expect(told({})).not.toContain("no recorded spread");
  });
});

test("trading days are Monday to Friday", () => {
  expect(tradingDays("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z")).toBe(5);
  expect(tradingDays("2026-11-28T00:00:00Z", "2026-11-30T00:00:00Z")).toBe(0);
  expect(tradingDays("2026-11-30T00:00:00Z", "2026-11-23T00:00:00Z")).toBe(0);
});
