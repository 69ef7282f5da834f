import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { useState } from "react";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { Instrument, Order, Priced } from "@/api/shapes";
import { renderOnStage } from "@/ui/stage";
import { order as filled } from "../order-life/cast";
import { ChangeOrder } from "./ChangeOrder";

const ORDER: Order = {
  ...filled,
  type: "limit",
  status: "accepted",
  filled: "0",
  price: "1.0990000000",
  stop_loss: null,
};
const SPEC = { lot_step: "0.01", lot_min: "0.01", lot_max: "50", tick_size: "0.00001" } as Instrument;
const QUOTE = { bid: "1.10000", ask: "1.10010" } as Priced;
const MT5 = ["price", "stop_loss", "take_profit"];

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

let asked: unknown[] = [];
const answers = (body: object, status = 200) => {
  asked = [];
  server.use(
    http.patch("*/api/v1/orders/:id/", async ({ request }) => {
      asked.push(await request.json());
      return HttpResponse.json(body, { status });
    }),
  );
};
const pending: Order = { ...ORDER, status: "replace_pending", revision: 1 };

/** The dialog, and what the desk tells of the order afterwards, at the press of a button. */
function Scene({ then, onDone }: { then: Order; onDone: () => void }) {
  const [order, setOrder] = useState(ORDER);
  const [isOpen, setOpen] = useState(true);
  return (
    <>
      <button type="button" onClick={() => setOrder(then)}>
        the desk tells
      </button>
      <ChangeOrder
        order={order}
        instrument={SPEC}
        quote={QUOTE}
        changeable={MT5}
        currency="USD"
        blocked={null}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onDone={onDone}
      />
    </>
  );
}

async function change(price: string, then: Order = ORDER) {
  const onDone = vi.fn();
  renderOnStage(<Scene then={then} onDone={onDone} />);
  const act = userEvent.setup({ pointerEventsCheck: 0 });
  const field = await screen.findByRole("textbox", { name: "Limit price" });
  await act.clear(field);
  await act.type(field, `${price}{Enter}`);
  const told = async () => act.click(screen.getByText("the desk tells"));
  return { act, told, onDone };
}

test("what was typed is asked for by the enter key, and stands as pending", async () => {
  answers(pending);
  await change("1.0985");
  expect(await screen.findByText("Asked of the venue")).toBeTruthy();
  expect(asked).toEqual([{ price: "1.0985" }]);
  expect(screen.getByText(/Price 1.099 → 1.0985/)).toBeTruthy();
});

test("the venue's yes is told", async () => {
  answers(pending);
  const { told } = await change("1.0985", { ...ORDER, revision: 1, price: "1.0985" });
  await screen.findByText("Asked of the venue");
  await told();
  expect(await screen.findByText(/The venue took it/)).toBeTruthy();
});

test("the venue's no is told in its own words, and the old terms stand in the fields", async () => {
  answers(pending);
  const events = [{ kind: "amend_refused", text: "", detail: { text: "invalid price." } }];
  server.use(http.get("*/api/v1/orders/:id/life/", () => HttpResponse.json({ order: ORDER, events })));
  const { told } = await change("1.0985", { ...ORDER, revision: 1 });
  await screen.findByText("Asked of the venue");
  await told();
  expect(await screen.findByText(/Invalid price\. The old terms stand/)).toBeTruthy();
  expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Limit price" }).value).toBe("1.099");
});

test("what risk denies is told by check and by how much, and what was typed stays", async () => {
  const denying = {
    check: "risk_at_stop_account",
    passed: false,
    reason: "risk",
    value: "1500",
    limit: "1000",
    unit: "money",
    text: "",
  };
  answers({ type: "/problems/risk-denied", title: "Denied", status: 422, checks: [denying] }, 422);
  await change("1.0985");
  expect((await screen.findByRole("alert")).textContent).toContain("500.00 USD over");
  expect(screen.getByRole<HTMLInputElement>("textbox", { name: "Limit price" }).value).toBe("1.0985");
});

test("what the desk refuses stands beside the button, in the desk's words", async () => {
  answers({ type: "/problems/conflict", title: "Conflict", status: 409, detail: "the order is filled." }, 409);
  await change("1.0985");
  expect((await screen.findByRole("alert")).textContent).toContain("the order is filled.");
});

test("a term that the venue cannot change is shown and cannot be typed into", async () => {
  renderOnStage(<Scene then={ORDER} onDone={vi.fn()} />);
  expect((await screen.findByRole<HTMLInputElement>("textbox", { name: "Quantity" })).readOnly).toBe(true);
  expect(screen.getByText(/cancel the order and send another/)).toBeTruthy();
});

test("a dialog that was closed goes on waiting for the venue's answer", async () => {
  answers(pending);
  const { act, told, onDone } = await change("1.0985", { ...ORDER, revision: 1, price: "1.0985" });
  await screen.findByText("Asked of the venue");
  await act.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByText("Asked of the venue")).toBeNull());
  expect(onDone).not.toHaveBeenCalled();
  await told();
  await waitFor(() => expect(onDone).toHaveBeenCalled());
});
