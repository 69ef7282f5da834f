import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { renderOnStage } from "@/ui/stage";
import { AgentCards } from "./AgentCards";
import { Agents, countsOf } from "./AgentsPage";
import { AgentsTable } from "./AgentsTable";
import { known, learned, rule, run } from "./cast";

const order = { by: "name", down: false } as const;
const everything = () => ["agent.pause", "agent.resume"];
const nothing = () => [];
const rowOf = (name: string) => screen.getByRole("row", { name: new RegExp(name) });

test("a row says what an agent is, does and holds", () => {
  renderOnStage(
    <AgentsTable agents={[learned, rule]} order={order} rightsOf={nothing} onOrder={() => undefined} />,
    known,
  );
  const row = within(rowOf("EURUSD PPO"));
  for (const text of ["Learned", "paper", "active", "+0.31", "−42.17", "7"]) expect(row.getByText(text)).toBeTruthy();
  expect(row.getByRole("link", { name: "EURUSD PPO" }).getAttribute("href")).toBe("/agents/eurusd-ppo");
});

test("worse than doing nothing is told in words, not by colour alone", () => {
  renderOnStage(<AgentsTable agents={[learned]} order={order} rightsOf={nothing} onOrder={() => undefined} />, known);
  expect(rowOf("EURUSD PPO").textContent).toContain("worse than doing nothing");
});

test("a training under way stands below its agent with bar, steps and time left", () => {
  renderOnStage(
    <AgentsTable agents={[{ ...learned, training: run }]} order={order} rightsOf={nothing} onOrder={() => undefined} />,
    known,
  );
  expect(screen.getByRole("progressbar", { name: /eurusd-ppo/ }).getAttribute("aria-valuenow")).toBe("50");
  expect(screen.getByText(/seed 2 of 3, 30,000 of 60,000 steps · about 21 s left/)).toBeTruthy();
});

test("only those who may pause see the button", () => {
  const { unmount } = renderOnStage(
    <AgentsTable agents={[learned]} order={order} rightsOf={nothing} onOrder={() => undefined} />,
    known,
  );
  expect(screen.queryByRole("button", { name: "Pause EURUSD PPO" })).toBeNull();
  unmount();
  renderOnStage(
    <AgentsTable agents={[learned]} order={order} rightsOf={everything} onOrder={() => undefined} />,
    known,
  );
  expect(screen.getByRole("button", { name: "Pause EURUSD PPO" })).toBeTruthy();
});

test("cards show the same agent", () => {
  renderOnStage(<AgentCards agents={[learned]} order={order} rightsOf={everything} onOrder={() => undefined} />, known);
  const card = within(screen.getByRole("listitem"));
  for (const text of ["Learned", "+0.31 lots", "−42.17"]) expect(card.getByText(text)).toBeTruthy();
});

test("filters and headings work on the page, and a note is told once", async () => {
  renderOnStage(<Agents agents={[learned, { ...learned, slug: "b", name: "Second PPO" }, rule]} />, known);
  expect(screen.getAllByText(/too few for the gates/)).toHaveLength(1);
  await userEvent.selectOptions(screen.getByLabelText("Filter by kind"), "rule");
  expect(screen.queryByRole("row", { name: /EURUSD PPO/ })).toBeNull();
  await userEvent.type(screen.getByLabelText("Find an agent by name"), "nobody");
  expect(screen.getByText("No agent fits the filters")).toBeTruthy();
});

test("a desk without agents says so", () => {
  renderOnStage(<Agents agents={[]} />, known);
  expect(screen.getByText("No agents yet")).toBeTruthy();
});

test("agents are counted by what they are and do", () => {
  expect(countsOf([learned, { ...rule, state: "paused" }, { ...learned, training: run }])).toBe(
    "1 by rules · 2 learned · 1 in training · 1 paused",
  );
});
