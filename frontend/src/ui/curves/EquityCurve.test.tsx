import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { renderOnStage } from "@/ui/stage";
import { EquityCurve } from "./EquityCurve";
import type { CurveSeries } from "./series";

const series: CurveSeries[] = [
  {
    key: "agent",
    label: "Agent",
    stroke: "main",
    points: [
      [0, 100],
      [60, 90],
      [120, 105],
    ],
  },
  {
    key: "flat",
    label: "Nothing",
    stroke: "dotted",
    points: [
      [0, 100],
      [120, 100],
    ],
  },
];
const drawdown: CurveSeries[] = [
  {
    key: "agent",
    label: "Agent",
    stroke: "main",
    points: [
      [0, 0],
      [60, -0.1],
      [120, 0],
    ],
  },
];
const show = (given: CurveSeries[]) =>
  renderOnStage(<EquityCurve title="Equity" series={given} drawdown={drawdown} format={(value) => `${value} USD`} />);

test("those who do not see the picture are told it", () => {
  show(series);
  expect(screen.getByRole("img").getAttribute("aria-label")).toContain(
    "Agent goes from 100 USD to 105 USD, lowest 90 USD, highest 105 USD.",
  );
});

test("arrow keys read the curve point by point", async () => {
  show(series);
  screen.getByRole("img").focus();
  await userEvent.keyboard("{ArrowLeft}");
  expect(screen.getByText("1970-01-01 00:01 UTC")).toBeTruthy();
  expect(screen.getByRole("button", { name: /Agent/ }).textContent).toContain("90 USD");
});

test("a curve can be hidden and shown by its key", async () => {
  show(series);
  const key = screen.getByRole("button", { name: /Nothing/ });
  await userEvent.click(key);
  expect(key.getAttribute("aria-pressed")).toBe("false");
});

test("the figures stand in a table, drawdown beside equity", async () => {
  show(series);
  await userEvent.click(screen.getByText("Figures as a table"));
  const row = within(await screen.findByRole("row", { name: /00:01/ }));
  expect(row.getByText("90 USD")).toBeTruthy();
  expect(row.getByText("−10 %")).toBeTruthy();
});

test("without points there is a sentence, not an empty frame", () => {
  show([]);
  expect(screen.getByText("No points to draw yet.")).toBeTruthy();
});
