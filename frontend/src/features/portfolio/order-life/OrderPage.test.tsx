import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { renderOnStage } from "@/ui/stage";
import { check, denied, life } from "./cast";
import { ranked } from "./Denial";
import { OrderPage, OrderView } from "./OrderPage";
import { sizeRows } from "./Sizing";
import { milliseconds } from "./writing";

const server = setupServer();
beforeAll(() => server.listen());
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const show = (one: typeof life, isWorking = false) =>
  renderOnStage(<OrderView life={one} isWorking={isWorking} currency="USD" />);
const answering = (body: object, status = 200) =>
  server.use(http.get("*/api/v1/orders/:id/life/", () => HttpResponse.json(body, { status })));
const someone = [["session"], { accounts: [{ slug: "paper-1", currency: "USD" }] }] as const;

test("the head says what was traded, at what price, and for whom", () => {
  show(life);
  expect(screen.getByRole("heading", { level: 1 }).textContent).toContain("Buy 0.31 lots EURUSD");
  expect(screen.getByText("1.08415")).toBeTruthy();
  expect(screen.getByRole("link", { name: "EURUSD PPO" }).getAttribute("href")).toBe("/agents/eurusd-ppo");
});

test("the life runs from the signal over sizing and checks to the last fill", () => {
  show(life);
  const titles = screen.getAllByRole("heading", { level: 3 }).map((title) => title.textContent);
  expect(titles).toEqual([
    "Signal",
    "Sizing",
    "Pre-trade checks: all 5 passed",
    "Approved by risk",
    "Sent to the broker",
    "Accepted by the broker",
    "Partly filled",
    "Filled",
  ]);
});

test("a denied order shows first why, with value and limit", () => {
  show(denied);
  const why = within(screen.getByRole("region", { name: "Why it was denied" }));
  expect(why.getByRole("heading").textContent).toContain("Gross exposure, account");
  expect(why.getByText("512,300.50 USD")).toBeTruthy();
  expect(why.getByText("500,000.00 USD")).toBeTruthy();
});

test("ten checks that miss one price are one sentence, below the reason why it is missing", () => {
  const [reason] = denied.order.reasons;
  if (!reason) throw new Error("the cast is denied for a reason");
  const missing = ["sizing", "gross_account", "net_account"].map((name) => ({
    ...reason,
    check: name,
    reason: "no_mark",
    text: "no fresh price of GBPUSD",
  }));
  const stale = { ...reason, check: "good_quote", reason: "stale_quote", text: "too old" };
  const { first, others } = ranked([...missing, stale]);
  expect(first).toBe(stale);
  expect(others).toEqual([["no fresh price of GBPUSD", missing]]);
});

test("groups in which all passed are folded, one with a failure is open", () => {
  show(denied);
  const groups = screen.getAllByRole("group");
  const open = groups.filter((group) => group.hasAttribute("open"));
  expect(open).toHaveLength(1);
  expect(open[0]?.textContent).toContain("1 of 2 failed");
  expect(open[0]?.textContent).toContain("failed: Gross exposure");
});

test("what the agent saw folds out where it was kept", async () => {
  const seen = { ...life, signal: life.signal && { ...life.signal, observation: { ema_gap: -0.25, held: 0 } } };
  show(seen);
  await userEvent.click(screen.getByText("What the agent saw: 2 values"));
  expect(screen.getByText("ema gap")).toBeTruthy();
});

test("an order by hand says so; a working one is followed", () => {
  const byHand = {
    ...life,
    signal: null,
    order: { ...life.order, source: "user:3", source_name: "trader", status: "accepted" as const },
  };
  show(byHand, true);
  expect(screen.getByText(/a person sent it by hand/)).toBeTruthy();
  expect(screen.getByText("Waiting for the broker")).toBeTruthy();
});

test("the cap that made the order smaller is the one that decides", () => {
  const sizing = life.review?.sizing;
  if (!sizing) throw new Error("the cast is sized");
  expect(sizeRows(sizing).find((row) => row.decides)?.key).toBe("fixed_fractional");
  expect(sizeRows({ ...sizing, quantity: "1" }).find((row) => row.decides)?.key).toBe("requested");
});

test("an order that is unknown, hidden or unreadable is told apart", async () => {
  answering({ type: "/problems/not-found", title: "Not found", status: 404 }, 404);
  const first = renderOnStage(<OrderPage id="X" />, [someone]);
  expect(await screen.findByText("There is no such order")).toBeTruthy();
  first.unmount();
  answering({ type: "/problems/forbidden", title: "Forbidden", status: 403 }, 403);
  const second = renderOnStage(<OrderPage id="X" />, [someone]);
  expect(await screen.findByText("No permission")).toBeTruthy();
  second.unmount();
  answering({ type: "/problems/unexpected", title: "Out of order", status: 500 }, 500);
  renderOnStage(<OrderPage id="X" />, [someone]);
  expect(await screen.findByText("Could not be loaded")).toBeTruthy();
});

test("the page reads the life of the order in its address", async () => {
  answering(life);
  renderOnStage(<OrderPage id="7K2A" />, [someone]);
  expect(await screen.findByText("Pre-trade checks: all 5 passed")).toBeTruthy();
  expect(screen.getByText(/equity 100,812.44 USD/)).toBeTruthy();
});

test("how long a check took is told in milliseconds", () => {
  expect(milliseconds(check("x").elapsed_ms)).toBe("0.12 ms");
});
