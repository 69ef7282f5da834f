import { act, screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Channel, useLive } from "@/api/live";
import { renderOnStage } from "@/ui/stage";
import { useSignals } from "./signals";

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => useLive.setState({ channels: {} }));
afterAll(() => server.close());

function Signals() {
  return (
    <p>
      {useSignals()
        .rows.map(({ id }) => id)
        .join(" ")}
    </p>
  );
}
const agents = (last_signal_at: string): Channel => ({
  state: "live",
  data: { items: [{ slug: "a", last_signal_at }] },
  epoch: "e",
  seq: 1,
  at: 0,
});

test("a burst of signals reads the newest page once more, never all that was read before", async () => {
  let asked = 0;
  let ids = [1, 0];
  server.use(
    http.get("*/api/v1/signals/", () => {
      asked += 1;
      return HttpResponse.json({ next: null, previous: null, results: ids.map((id) => ({ id })) });
    }),
  );
  renderOnStage(<Signals />);
  await waitFor(() => expect(asked).toBe(2));
  ids = [2, 1, 0];
  for (const second of [1, 2, 3, 4, 5])
    act(() => useLive.setState({ channels: { agents: agents(`2026-01-05T06:00:0${second}Z`) } }));
  await waitFor(() => expect(screen.getByText("2 1 0")).toBeTruthy(), { timeout: 10_000 });
  expect(asked).toBe(3);
});
