import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { renderOnStage } from "@/ui/stage";
import { learned } from "./cast";
import { ReasonDialog } from "./ReasonDialog";
import { SwitchButton } from "./SwitchButton";
import { doubtsOf, TrainDialog } from "./TrainDialog";

const server = setupServer();
beforeAll(() => server.listen());
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test("nothing happens without a reason of some length", async () => {
  const confirm = vi.fn();
  renderOnStage(
    <ReasonDialog
      title="Pause?"
      consequence="It stops."
      confirm="Pause"
      isBusy={false}
      error={null}
      onConfirm={confirm}
      onClose={vi.fn()}
    />,
  );
  expect(screen.getByRole("button", { name: "Pause" }).hasAttribute("disabled")).toBe(true);
  await userEvent.type(screen.getByLabelText(/Reason/), "short          ");
  expect(screen.getByRole("button", { name: "Pause" }).hasAttribute("disabled")).toBe(true);
  await userEvent.type(screen.getByLabelText(/Reason/), " but longer ");
  await userEvent.click(screen.getByRole("button", { name: "Pause" }));
  expect(confirm).toHaveBeenCalledWith("short           but longer");
});

test("pausing says that the position stays, sends the reason, and closes", async () => {
  const sent = vi.fn();
  server.use(
    http.post("*/api/v1/agents/eurusd-ppo/pause/", async ({ request }) => {
      sent(await request.json());
      return HttpResponse.json({ ...learned, state: "paused" });
    }),
  );
  renderOnStage(<SwitchButton agent={learned} rights={["agent.pause"]} />);
  await userEvent.click(screen.getByRole("button", { name: "Pause EURUSD PPO" }));
  expect(screen.getByText(/Its open position in EURUSD stays/)).toBeTruthy();
  await userEvent.type(screen.getByLabelText(/Reason/), "news at two");
  await userEvent.click(screen.getByRole("button", { name: "Pause" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(sent).toHaveBeenCalledWith({ reason: "news at two" });
});

test("a refusal is shown where it was asked for", async () => {
  server.use(
    http.post("*/api/v1/agents/eurusd-ppo/pause/", () =>
      HttpResponse.json(
        { type: "/problems/conflict", title: "Conflict", status: 409, detail: "eurusd-ppo is not active" },
        { status: 409, headers: { "Content-Type": "application/problem+json" } },
      ),
    ),
  );
  renderOnStage(<SwitchButton agent={learned} rights={["agent.pause"]} />);
  await userEvent.click(screen.getByRole("button", { name: "Pause EURUSD PPO" }));
  await userEvent.type(screen.getByLabelText(/Reason/), "looks wrong");
  await userEvent.click(screen.getByRole("button", { name: "Pause" }));
  expect((await screen.findByRole("alert")).textContent).toContain("eurusd-ppo is not active");
});

test("training asks for steps and seeds, and deploys only where that is allowed", async () => {
  const train = vi.fn();
  renderOnStage(
    <TrainDialog name="EURUSD PPO" mayDeploy={false} isBusy={false} error={null} onTrain={train} onClose={vi.fn()} />,
  );
  expect(screen.getByRole("switch").hasAttribute("disabled")).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "Train" }));
  expect(train).toHaveBeenCalledWith({ steps: 60_000, seeds: 3, deploy: false });
});

test("too few steps or seeds are doubted aloud", () => {
  expect(doubtsOf({ steps: 60_000, seeds: 2 })).toHaveLength(2);
  expect(doubtsOf({ steps: 200_000, seeds: 3 })).toEqual([]);
});
