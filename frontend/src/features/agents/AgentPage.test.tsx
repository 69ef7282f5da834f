import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { useLive } from "@/api/live";
import { renderOnStage } from "@/ui/stage";
import { AgentPage } from "./AgentPage";
import { Compared } from "./Comparison";
import { detail, evaluation, known, run } from "./cast";
import { RunRow } from "./Runs";
import { bestIn } from "./ScoreTable";
import { SignalList, wishOf } from "./Signals";
import { TrainingProgress } from "./TrainingPanel";

const server = setupServer(
  http.get("*/api/v1/signals/", () => HttpResponse.json({ next: null, previous: null, results: [] })),
);
beforeAll(() => server.listen());
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const answering = (body: object, status = 200) =>
  server.use(http.get("*/api/v1/agents/eurusd-ppo/", () => HttpResponse.json(body, { status })));

test("the page shows state, comparison, versions and signals of an agent", async () => {
  answering(detail);
  renderOnStage(<AgentPage slug="eurusd-ppo" />, known);
  expect(await screen.findByRole("heading", { name: "EURUSD PPO" })).toBeTruthy();
  expect(screen.getByText(/Worse than doing nothing/)).toBeTruthy();
  expect(screen.getByText("eurusd-ppo v1")).toBeTruthy();
  expect(await screen.findByText("No signal yet")).toBeTruthy();
});

test("an agent that never trained says so", async () => {
  answering({ ...detail, evaluation: null, versions: [], trained_at: null, version: "", stage: "research" });
  renderOnStage(<AgentPage slug="eurusd-ppo" />, known);
  expect((await screen.findAllByText("Never trained")).length).toBe(2);
  expect(screen.getByText("No version yet")).toBeTruthy();
});

test("a first training that failed says so where its result would stand", async () => {
  const training = { ...run, status: "failed" as const, error: "too little data: 900 bars of 2,000" };
  answering({ ...detail, evaluation: null, versions: [], trained_at: null, version: "", training });
  renderOnStage(<AgentPage slug="eurusd-ppo" />, known);
  expect(await screen.findByText("Its training failed")).toBeTruthy();
  expect(screen.getByText("too little data: 900 bars of 2,000")).toBeTruthy();
});

test("one who may not see it is told so; a broken desk is told as broken", async () => {
  answering({ type: "/problems/forbidden", title: "Forbidden", status: 403 }, 403);
  const { unmount } = renderOnStage(<AgentPage slug="eurusd-ppo" />, known);
  expect(await screen.findByText("No permission")).toBeTruthy();
  unmount();
  answering({ type: "/problems/unexpected", title: "Out of order", status: 500 }, 500);
  renderOnStage(<AgentPage slug="eurusd-ppo" />, known);
  expect(await screen.findByText("Could not be loaded")).toBeTruthy();
});

test("an inactive version can be deployed with a reason, the active one cannot", async () => {
  answering(detail);
  renderOnStage(<AgentPage slug="eurusd-ppo" />, known);
  await userEvent.click(await screen.findByRole("button", { name: "Deploy version 1" }));
  expect(screen.queryByRole("button", { name: "Deploy version 2" })).toBeNull();
  expect(within(screen.getByRole("dialog")).getByLabelText(/Reason/)).toBeTruthy();
});

test("the best of a column is marked in words", () => {
  renderOnStage(<Compared evaluation={evaluation} />);
  const row = screen.getByRole("row", { name: /^Buy and hold/ });
  expect(within(row).getAllByText("best:")).toHaveLength(2);
});

test("ties share the mark and a column of equals has none", () => {
  const [first, second] = evaluation.rows;
  if (!first || !second) throw new Error("the cast has rows");
  expect(bestIn([first, { ...first, name: "other" }], { field: "net_return", better: "more" }).size).toBe(0);
  expect([...bestIn([first, second], { field: "max_drawdown", better: "less" })]).toEqual(["flat"]);
  expect(bestIn([first, second], { field: "trades" }).size).toBe(0);
});

test("a training shows share, seed, steps and time left", () => {
  renderOnStage(<TrainingProgress run={run} />);
  expect(screen.getByText("Training 50 %")).toBeTruthy();
  expect(screen.getByText("seed 2 of 3, 30,000 of 60,000 steps")).toBeTruthy();
  expect(screen.getByText("about 21 s left")).toBeTruthy();
  expect(screen.getByRole("img").getAttribute("aria-label")).toContain("Seed 2 from 0.2 to 0.2.");
});

test("a failed run tells what went wrong", () => {
  renderOnStage(<RunRow run={{ ...run, status: "failed", error: "the reward became NaN at step 18432" }} />);
  expect(screen.getByText(/became NaN at step 18432/)).toBeTruthy();
});

test("a signal links to its orders and says why it was denied", () => {
  const signal = {
    id: 1,
    agent: "eurusd-ppo",
    instrument: "EURUSD",
    bar_close_at: "2026-11-25T10:00:00Z",
    target: -1,
    outcome: "denied" as const,
    outcome_text: "gross would be too large",
    orders: ["A1", "A2"],
    created_at: "2026-11-25T10:00:00Z",
    reference_price: "1.08",
    version: "eurusd-ppo v2",
  };
  renderOnStage(<SignalList signals={[signal]} />);
  expect(screen.getByText("gross would be too large")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Order 2 of this signal" }).getAttribute("href")).toBe("/orders/A2");
  expect([1, -0.33, 0].map(wishOf)).toEqual(["▲ long", "▼ short 33 %", "■ flat"]);
});

test("a right that is taken away ends a page that was shown", async () => {
  answering(detail);
  const { client } = renderOnStage(<AgentPage slug="eurusd-ppo" />, known);
  await screen.findByRole("heading", { name: "EURUSD PPO" });
  answering({ type: "/problems/forbidden", title: "Forbidden", status: 403 }, 403);
  await client.invalidateQueries({ queryKey: ["agents", "eurusd-ppo"] });
  expect(await screen.findByText("No permission")).toBeTruthy();
});

test("what the socket tells takes the place of what was read", async () => {
  answering(detail);
  useLive.setState({
    channels: {
      "agent:eurusd-ppo": { state: "live", data: { ...detail, state: "paused" }, epoch: "1", seq: 1, at: Date.now() },
    },
  });
  renderOnStage(<AgentPage slug="eurusd-ppo" />, known);
  expect(await screen.findByText("paused")).toBeTruthy();
  useLive.setState({ channels: {} });
});
