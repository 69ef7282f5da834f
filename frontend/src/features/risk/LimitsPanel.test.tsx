import { screen, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Limit } from "@/api/shapes";
import { show } from "../../../dev/render";
import { LimitsPanel } from "./LimitsPanel";
import { fillOf, markOf, wordsOf } from "./limits";

const GROSS: Limit = {
  id: 1,
  scope: "account:acc-1",
  scope_name: "account acc-1",
  metric: "gross",
  name: "gross",
  counts: "",
  at: "",
  unit: "money",
  currency: "USD",
  used: "406615.33",
  soft: "400000",
  hard: "1000000",
  left: "593384.67",
  share: 0.40661533,
  is_floor: false,
  is_over: false,
  is_soft: true,
  each_order: false,
  why: "",
  version: 2,
};
const OVER: Limit = { ...GROSS, metric: "position", name: "position", unit: "lots", currency: "", counts: "GBPUSD" };
Object.assign(OVER, { used: "1.2", soft: null, hard: "1", left: "-0.2", share: 1.2, is_over: true, is_soft: false });
const BOUND: Limit = { ...GROSS, metric: "order_size", name: "order size", unit: "lots", currency: "", used: null };
Object.assign(BOUND, { soft: null, hard: "5", left: null, share: null, is_soft: false, each_order: true });

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());
const limits = (...rows: Limit[]) => server.use(http.get("*/api/v1/limits/", () => HttpResponse.json(rows)));

test("a limit is told in words beside its bar, with what is left", async () => {
  limits(GROSS, BOUND);
  show(<LimitsPanel account="acc-1" />);
  const row = within(await screen.findByRole("list", { name: /most used first/ }));
  expect(row.getByText("406,615.33 of 1,000,000.00 USD, 593,384.67 left")).toBeTruthy();
  expect(row.getByText("40.7 %")).toBeTruthy();
  expect(row.getByText("beyond its soft mark")).toBeTruthy();
  expect(screen.getByText("1 bounds of each order")).toBeTruthy();
});

test("over a limit the panel says that no entry passes", async () => {
  limits(OVER);
  show(<LimitsPanel account="acc-1" />);
  expect((await screen.findByRole("alert")).textContent).toContain("no entry passes until it is back");
  expect(screen.getByText("1.2 lots of 1 lot, 0.2 lots over")).toBeTruthy();
});

test("what is not known is said with its reason, and is not nought", () => {
  expect(wordsOf({ ...GROSS, used: null, share: null, left: null, why: "no fresh price of EURUSD" })).toBe(
    "unknown of 1,000,000.00 USD: no fresh price of EURUSD",
  );
  expect(fillOf({ ...GROSS, used: null, share: null })).toBe(0);
});

test("the soft mark of a floor stands where the way down to it begins to count", () => {
  expect(markOf(GROSS)).toBe(0.4);
  expect(markOf({ ...GROSS, is_floor: true, soft: "35", hard: "20" })).toBeCloseTo(0.5714);
  expect(markOf({ ...GROSS, soft: null })).toBeNull();
});

test("without any limit the panel says that entries are denied", async () => {
  limits();
  show(<LimitsPanel account="acc-1" />);
  expect(await screen.findByText(/Entries are denied until/)).toBeTruthy();
});
