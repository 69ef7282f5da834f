/** For tests: an agent's order that was filled in two parts. */

import type { Check, Order, OrderLife } from "@/api/shapes";

export const check = (name: string, change: Partial<Check> = {}): Check => ({
  check: name,
  passed: true,
  reason: "",
  value: null,
  limit: null,
  unit: "",
  text: "",
  elapsed_ms: 0.12,
  ...change,
});

export const order: Order = {
  id: "7K2A",
  account: "paper-1",
  source: "agent:eurusd-ppo",
  source_name: "EURUSD PPO",
  instrument: "EURUSD",
  side: "buy",
  type: "market",
  quantity: "0.3100",
  requested_quantity: "1.0000",
  filled: "0.3100",
  average_price: "1.0841500000",
  price: null,
  stop_loss: "1.0812000000",
  take_profit: null,
  reduce_only: false,
  status: "filled",
  reasons: [],
  venue_order_id: "104233",
  requested_at: "2026-11-25T16:00:00.000Z",
  created_at: "2026-11-25T16:00:00.022Z",
  environment: "paper",
  client_ref: "",
  revision: 0,
  kind: "entry",
};

const fill = (id: string, quantity: string, price: string) => ({
  id,
  order: order.id,
  account: "paper-1",
  instrument: "EURUSD",
  side: "buy" as const,
  quantity,
  price,
  profit: "0",
  commission: "-0.70",
  swap: "0",
  cash_change: "-0.70",
  executed_at: "2026-11-25T16:00:00.100Z",
  source: order.source,
});

const at = (milliseconds: number) => new Date(Date.parse("2026-11-25T16:00:00Z") + milliseconds).toISOString();
const event = (
  ms: number,
  kind: string,
  old_status: string,
  new_status: string,
  detail: Record<string, unknown> = {},
) => ({
  at: at(ms),
  kind,
  old_status,
  new_status,
  detail,
  text: "",
});

export const life: OrderLife = {
  order,
  signal: {
    id: 5,
    agent: "eurusd-ppo",
    instrument: "EURUSD",
    bar_close_at: "2026-11-25T16:00:00Z",
    target: 1,
    outcome: "approved",
    outcome_text: "",
    orders: [order.id],
    created_at: at(0),
    reference_price: "1.0841200000",
    version: "eurusd-ppo v2",
    observation: {},
  },
  review: {
    checks: [
      check("numbers"),
      check("good_quote"),
      check("position_account", { value: "0.71", limit: "20", unit: "lots" }),
      check("gross_account", { value: "412300.5", limit: "500000", unit: "money" }),
      check("free_margin_account", { value: "87220.1", limit: "20000", unit: "money" }),
    ],
    sizing: {
      requested: "1.0000",
      quantity: "0.3100",
      caps: { fixed_fractional: "0.3187349821", volatility_target: "0.7421" },
      factor: "1",
      equity: "100812.44",
      rule: "agents v1",
    },
    elapsed_ms: 6.84,
    created_at: at(20),
  },
  events: [
    event(22, "approved", "", "approved"),
    event(29, "sending", "approved", "sending", { owner: "gateway-1" }),
    event(118, "accepted", "sending", "accepted"),
    event(121, "fill", "accepted", "accepted", { execution: "E1", quantity: "0.2", price: "1.08414" }),
    event(121, "partially_filled", "accepted", "partially_filled"),
    event(1420, "fill", "partially_filled", "partially_filled", { execution: "E2" }),
    event(1421, "filled", "partially_filled", "filled"),
  ],
  fills: [fill("E1", "0.20", "1.08414"), fill("E2", "0.11", "1.08417")],
};

const tooMuch = {
  check: "gross_account",
  reason: "gross",
  value: "512300.5",
  limit: "500000",
  unit: "money",
  text: "gross of account:paper-1 would be 512,300.5, 500,000 allowed",
};

export const denied: OrderLife = {
  ...life,
  order: {
    ...order,
    id: "D1",
    status: "denied",
    filled: "0",
    average_price: null,
    venue_order_id: "",
    reasons: [tooMuch],
  },
  review: life.review && {
    ...life.review,
    checks: [...life.review.checks.slice(0, 3), { ...tooMuch, passed: false, elapsed_ms: 0.2 }],
  },
  events: [event(22, "denied", "", "denied")],
  fills: [],
};
