import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { delay, HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { type ComponentProps, createRef } from "react";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { Instrument, Priced } from "@/api/shapes";
import { show } from "../../../../dev/render";
import { OrderTicket } from "./OrderTicket";

const INSTRUMENT = {
  name: "EURUSD",
  digits: 5,
  lot_step: "0.01",
  lot_min: "0.01",
  lot_max: "50",
  tick_size: "0.00001",
} as Instrument;
const QUOTE = { instrument: "EURUSD", bid: "1.10000", ask: "1.10010", stale: false } as Priced;
const PASS = {
  check: "order_size_account",
  passed: true,
  reason: "",
  value: "0.01",
  limit: "5",
  unit: "lots",
  text: "",
};
const preview = { would: "pass", checks: [PASS], price: "1.1", value: "1100", margin: "36.70", currency: "USD" };

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const previews = (answer: (quantity?: string) => object | Promise<object> = (quantity) => ({ ...preview, quantity })) =>
  server.use(
    http.post("*/api/v1/orders/preview/", async ({ request }) => {
      const { quantity } = (await request.json()) as { quantity?: string };
      return HttpResponse.json(await answer(quantity));
    }),
  );

function ticket(part: Partial<ComponentProps<typeof OrderTicket>> = {}) {
  const props = {
    account: { slug: "acc-1", name: "Paper", currency: "USD" },
    instrument: INSTRUMENT,
    quote: QUOTE,
    maySend: true,
    blocked: null,
    stale: false as const,
    isHalted: false,
    confirms: false,
    prefill: null,
    onPrefilled: vi.fn(),
    quantityRef: createRef<HTMLInputElement>(),
    onOpen: vi.fn(),
    ...part,
  };
  show(<OrderTicket {...props} />);
  return { act: userEvent.setup(), quantity: screen.getByRole<HTMLInputElement>("textbox", { name: "Quantity" }) };
}
const button = (name: RegExp) => screen.getByRole<HTMLButtonElement>("button", { name });

test("figures of the order as it was are not told of the order as it is", async () => {
  previews(async (quantity) => {
    if (quantity !== "0.01") await delay("infinite");
    return { ...preview, quantity };
  });
  const { act, quantity } = ticket();
  expect(await screen.findByText("✓ All 1 checks would pass")).toBeTruthy();
  await act.clear(quantity);
  await act.type(quantity, "5");
  expect(screen.getByText("Asking again after the change")).toBeTruthy();
  expect(screen.queryByText(/would pass|Would be cut/)).toBeNull();
});

test("a denial is told, also where no single check failed", async () => {
  previews((quantity) => ({ ...preview, quantity, would: "deny" }));
  ticket();
  expect(await screen.findByText("✕ It would be denied")).toBeTruthy();
});

test("checks are told by name, with figure, limit and unit", async () => {
  previews();
  ticket();
  expect(await screen.findByText("Order size, account")).toBeTruthy();
  expect(screen.getByText("0.01 lots of 5 lots")).toBeTruthy();
});

const GROSS = { ...PASS, check: "gross_account", value: "1310000", limit: "1250000", unit: "money" };

test("a denial names the check and by how much, before anything is opened", async () => {
  const denying = { ...GROSS, passed: false, reason: "gross", text: "gross would be too much" };
  previews((quantity) => ({ ...preview, quantity, would: "deny", checks: [PASS, denying] }));
  ticket();
  expect(await screen.findByText(/Denied by Gross exposure, account: 60,000.00 USD over/)).toBeTruthy();
  expect(screen.getByText("1,310,000.00 of 1,250,000.00 USD, 60,000.00 USD over")).toBeTruthy();
});

test("the room that the order would leave is told, and soft limits are marked", async () => {
  const soft = { ...GROSS, value: "1010000", soft: true };
  previews((quantity) => ({ ...preview, quantity, checks: [PASS, soft] }));
  ticket();
  expect(await screen.findByText(/Least room after: Gross exposure, account, 240,000.00 USD left/)).toBeTruthy();
  expect(screen.getByText(/1 soft limit passed/)).toBeTruthy();
  expect(screen.getByRole("img", { name: "soft limit" })).toBeTruthy();
});

test("a halt leaves the way out open: the desk takes what reduces", () => {
  previews();
  ticket({ isHalted: true });
  expect(screen.getByText(/only an order that reduces a position passes/)).toBeTruthy();
  expect(button(/^Buy 0.01 EURUSD/).disabled).toBe(false);
});

test("prices that are no longer live are said to be old, and nothing is sent on them", () => {
  previews();
  ticket({ stale: "reconnecting", blocked: "Sending is off." });
  expect(screen.getByText("Prices are old: reconnecting.")).toBeTruthy();
  expect(button(/^Buy 0.01 EURUSD/).disabled).toBe(true);
});

test("a quote that the desk calls stale is said to be old", () => {
  previews();
  ticket({ quote: { ...QUOTE, stale: true } });
  expect(screen.getByText(/Prices are old/)).toBeTruthy();
});

test("a side chosen by a key is taken once: the next instrument begins by itself", async () => {
  previews();
  const onPrefilled = vi.fn();
  const { quantity } = ticket({ prefill: "sell", onPrefilled });
  expect(onPrefilled).toHaveBeenCalled();
  expect(document.activeElement).toBe(quantity);
  expect(button(/^Sell 0.01 EURUSD/)).toBeTruthy();
});

test("the button names what is sent, not what was typed", async () => {
  previews();
  const { act, quantity } = ticket();
  await act.clear(quantity);
  await act.type(quantity, "1,500");
  expect(button(/^Buy 1.500 EURUSD/)).toBeTruthy();
});

test("an order without an answer is not called unsent", async () => {
  previews();
  server.use(http.post("*/api/v1/orders/", () => HttpResponse.error()));
  const { act } = ticket();
  await act.click(button(/^Buy 0.01 EURUSD/));
  expect(await screen.findByText("It is not known whether the order arrived")).toBeTruthy();
});

const sizedBy = async (act: ReturnType<typeof userEvent.setup>, percent: string, stop: string) => {
  await act.click(screen.getByRole("radio", { name: "% of equity at risk" }));
  const share = screen.getByRole("textbox", { name: "Equity at risk" });
  await act.clear(share);
  await act.type(share, percent);
  if (stop) await act.type(screen.getByRole("textbox", { name: "Stop loss" }), stop);
};

test("a share at risk asks for a stop loss first, and nothing is previewed without one", async () => {
  const asked = vi.fn(() => ({ ...preview, quantity: "0.01" }));
  previews(asked);
  const { act } = ticket();
  await screen.findByText(/would pass/);
  asked.mockClear();
  await sizedBy(act, "1", "");
  expect(screen.getByText(/Enter a stop loss: the lots follow/)).toBeTruthy();
  await act.click(button(/^Buy EURUSD at market, 1 % risk/));
  expect(screen.getByText("A share at risk needs a stop loss")).toBeTruthy();
  expect(asked).not.toHaveBeenCalled();
});

test("a share at risk shows the lots it comes to and what they lose at the stop", async () => {
  previews((quantity) => ({ ...preview, quantity: quantity ?? "0.42", risk: "987.00" }));
  const { act } = ticket({ equity: "100000" });
  await sizedBy(act, "1", "1.09765");
  expect(await screen.findByText("0.42 lots")).toBeTruthy();
  expect(screen.getByText(/· 0.99 %/)).toBeTruthy();
});

test("an order without a size shows why, and no figures of lots that nobody asked for", async () => {
  const sizing = { ...PASS, check: "sizing", passed: false, reason: "no_size", value: "0", limit: null };
  const denying = { ...GROSS, passed: false, reason: "gross", text: "too much" };
  previews((quantity) => ({ ...preview, quantity: quantity ?? "50", would: "deny", checks: [denying, sizing] }));
  const { act } = ticket();
  await sizedBy(act, "1", "1.09765");
  expect(await screen.findByText("no size")).toBeTruthy();
  expect(screen.getByText(/Denied by Sizing/)).toBeTruthy();
  expect(screen.queryByText(/Gross exposure|60,000/)).toBeNull();
});

test("the share goes out as it was typed, with no lots beside it", async () => {
  const sent = vi.fn();
  previews((quantity) => ({ ...preview, quantity: quantity ?? "0.42" }));
  server.use(
    http.post("*/api/v1/orders/", async ({ request }) => {
      sent(await request.json());
      return HttpResponse.json({ side: "buy", quantity: "0.42", instrument: "EURUSD", status: "approved" });
    }),
  );
  const { act } = ticket();
  await sizedBy(act, "0,75", "1.09765");
  await act.click(button(/^Buy EURUSD at market, 0.75 % risk/));
  await waitFor(() => expect(sent).toHaveBeenCalled());
  expect(sent.mock.calls[0]?.[0]).toMatchObject({ risk_share: "0.0075", stop_loss: "1.09765" });
  expect(sent.mock.calls[0]?.[0]).not.toHaveProperty("quantity");
});

test("the summary of a share at risk says what it comes to as things stand", async () => {
  previews((quantity) => ({ ...preview, quantity: quantity ?? "0.42" }));
  const { act } = ticket({ confirms: true });
  await sizedBy(act, "1", "1.09765");
  await screen.findByText("0.42 lots");
  await act.click(button(/^Buy EURUSD/));
  await waitFor(() => expect(screen.getByText(/on account Paper/).textContent).toContain("0.42 lots as things stand"));
});

test("the summary holds what is sent", async () => {
  previews();
  const { act } = ticket({ confirms: true });
  await act.click(button(/^Buy 0.01 EURUSD/));
  await waitFor(() => expect(screen.getByText(/on account Paper/).textContent).toContain("Buy 0.01 lots of EURUSD"));
});
