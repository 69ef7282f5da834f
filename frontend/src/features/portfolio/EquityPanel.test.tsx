import { screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { useLive } from "@/api/live";
import { renderOnStage } from "@/ui/stage";
import { EquityPanel } from "./EquityPanel";

const CURVE = {
  base: "100000",
  limits: [0.05, 0.1, 0.15],
  points: ["00", "01"].map((minute) => ({
    at: `2026-01-05T06:${minute}:00Z`,
    mean: "99280",
    low: "99280",
    high: "100000",
  })),
};
const account = (drawdown: number) => ({
  state: "live" as const,
  data: { slug: "acc-1", drawdown, breaker: { level: 0, thresholds: CURVE.limits } },
  epoch: "e",
  seq: 1,
  at: 0,
});
afterEach(() => useLive.setState({ channels: {} }));

test("every line of the breaker tells how far it is, also those that the picture leaves out", () => {
  useLive.setState({ channels: { "account:acc-1": account(0.0072) } });
  renderOnStage(<EquityPanel account="acc-1" />, [[["curve", "acc-1"], CURVE]]);
  expect(screen.getByText("0.72 %")).toBeTruthy();
  expect(screen.getByText("4.3 % to warning at 5 %")).toBeTruthy();
  expect(screen.getByText("9.3 % to reducing at 10 %")).toBeTruthy();
  expect(screen.getByText("14.3 % to halted at 15 %")).toBeTruthy();
});

test("a line that was passed is called so, and one that is near stands out", () => {
  useLive.setState({ channels: { "account:acc-1": account(0.082) } });
  renderOnStage(<EquityPanel account="acc-1" />, [[["curve", "acc-1"], CURVE]]);
  expect(screen.getByText("past warning at 5 %")).toBeTruthy();
  expect(screen.getByText("1.8 % to reducing at 10 %").dataset.near).toBe("true");
  expect(screen.getByText("6.8 % to halted at 15 %").dataset.near).toBe("false");
});
