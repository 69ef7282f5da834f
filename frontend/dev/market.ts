// A market made up in the browser, for building pages: seeded walks, one bar a minute, a handful of orders.
import type { Account, Fill, Instrument, Order, Position, Quote } from "../src/api/shapes";

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

const spec = (name: string, digits: number, contract: string): Instrument => ({
  name,
  base_currency: name.slice(0, 3),
  quote_currency: name.slice(3),
  contract_size: contract,
  tick_size: (10 ** -digits).toFixed(digits),
  digits,
  lot_step: "0.01",
  lot_min: "0.01",
  lot_max: "50",
  is_open: true,
});

export const instruments: Instrument[] = [
  spec("EURUSD", 5, "100000"),
  spec("GBPUSD", 5, "100000"),
  spec("USDJPY", 3, "100000"),
  spec("AUDUSD", 5, "100000"),
  { ...spec("XAUUSD", 2, "100"), is_open: false },
];
const starts: Record<string, number> = {
  EURUSD: 1.0842,
  GBPUSD: 1.2711,
  USDJPY: 154.2,
  AUDUSD: 0.6523,
  XAUUSD: 2654.3,
};

export const now = Math.floor(Date.now() / 60_000) * 60;
const walks = new Map<string, number[]>();

/** Mid prices, one a minute, the newest last. */
function walk(name: string): number[] {
  const known = walks.get(name);
  if (known) return known;
  const chance = random(name.length * 7919 + name.charCodeAt(0) * 31 + name.charCodeAt(3));
  const prices: number[] = [starts[name] ?? 1];
  for (let i = 1; i < 60_000; i++) {
    const step = (chance() + chance() + chance() - 1.5) * 0.00022;
    prices.push((prices[i - 1] ?? 1) * (1 + step));
  }
  walks.set(name, prices);
  return prices;
}

const spread = (one: Instrument) => (one.digits === 2 ? 0.32 : one.digits === 3 ? 0.012 : 0.00011);
const latest = new Map<string, number>();

export function quote(name: string): Quote {
  const one = instruments.find((each) => each.name === name) ?? (instruments[0] as Instrument);
  const mid = (latest.get(name) ?? walk(name).at(-1) ?? 1) * (1 + (Math.random() - 0.5) * 0.00008);
  latest.set(name, mid);
  const open = walk(name).at(-700) ?? mid;
  const half = spread(one) / 2;
  return {
    instrument: name,
    bid: (mid - half).toFixed(one.digits),
    ask: (mid + half).toFixed(one.digits),
    spread: spread(one).toFixed(one.digits),
    quote_at: new Date().toISOString(),
    age_s: 0.1,
    stale: false,
    day_open: open.toFixed(one.digits),
    day_change: mid / open - 1,
  };
}

export function bars(name: string, seconds: number, limit: number, before: number) {
  const { digits } = instruments.find((one) => one.name === name) ?? { digits: 5 };
  const prices = walk(name);
  const rows = [];
  const end = Math.floor(Math.min(now, before) / seconds) * seconds;
  for (let open = end - seconds * limit; open < end; open += seconds) {
    const from = prices.length - 1 - (now - open) / 60;
    const part = prices.slice(Math.max(0, from), Math.max(0, from + seconds / 60) + 1);
    if (from < 0 || part.length < 2) continue;
    const wick = (part[0] ?? 1) * 0.0001;
    const [first, last] = [part[0] ?? 1, part.at(-1) ?? 1];
    rows.push([
      open,
      ...[first, Math.max(...part) + wick, Math.min(...part) - wick, last].map((price) => price.toFixed(digits)),
      Math.round(40 + 60 * Math.abs(Math.sin(open / 7000)) + ((open / 60) % 17)),
      "0.00011",
    ]);
  }
  return { instrument: name, timeframe: "", digits, bars: rows };
}

const at = (minutes: number) => new Date((now - minutes * 60) * 1000).toISOString();
const price = (name: string, minutes: number) =>
  (walk(name).at(-1 - minutes) ?? 1).toFixed(instruments.find((one) => one.name === name)?.digits ?? 5);

let count = 0;
export function order(part: Partial<Order>): Order {
  count += 1;
  return {
    id: `ord-${String(count).padStart(4, "0")}`,
    account: "paper-1",
    source: "agent:eurusd-ppo",
    source_name: "EURUSD learned",
    instrument: "EURUSD",
    side: "buy",
    type: "market",
    quantity: "0.30",
    requested_quantity: "0.30",
    filled: "0.00",
    average_price: null,
    price: null,
    stop_loss: null,
    take_profit: null,
    reduce_only: false,
    status: "approved",
    reasons: [],
    venue_order_id: "",
    requested_at: new Date().toISOString(),
    created_at: new Date().toISOString(),
    environment: "paper",
    client_ref: "",
    revision: 0,
    kind: "entry",
    ...part,
  };
}

const denied = {
  check: "gross_exposure",
  reason: "over_limit",
  text: "Gross exposure would be 412,300 USD; at most 400,000 USD",
  value: "412300.00",
  limit: "400000.00",
  unit: "USD",
};
const names = ["EURUSD", "GBPUSD", "USDJPY", "EURUSD", "AUDUSD"];

export const orders: Order[] = Array.from({ length: 160 }, (_, index) => {
  const minutes = index * 13 + 5;
  const instrument = names[index % names.length] ?? "EURUSD";
  const isDenied = index % 6 === 3;
  const side = index % 2 ? ("buy" as const) : ("sell" as const);
  return order({
    id: `ord-h${index}`,
    instrument,
    source: index % 7 === 0 ? "user:2" : `agent:${instrument.toLowerCase()}-ppo`,
    source_name: index % 7 === 0 ? "trader" : `${instrument} learned`,
    side,
    status: isDenied ? "denied" : index % 11 === 5 ? "cancelled" : "filled",
    filled: isDenied ? "0" : "0.30",
    average_price: isDenied ? null : price(instrument, minutes),
    stop_loss: index === 0 || index === 5 ? (Number(price(instrument, 0)) * 0.9985).toFixed(5) : null,
    take_profit: index === 0 || index === 5 ? (Number(price(instrument, 0)) * 1.002).toFixed(5) : null,
    reasons: isDenied ? [denied] : [],
    requested_at: at(minutes),
    created_at: at(minutes),
    kind: index % 4 === 2 ? "exit" : "entry",
  });
});
orders.unshift(
  order({
    id: "ord-w1",
    type: "limit",
    status: "accepted",
    price: (Number(price("EURUSD", 0)) - 0.0011).toFixed(5),
    source: "user:2",
    source_name: "trader",
    quantity: "0.10",
    filled: "0.00",
    stop_loss: (Number(price("EURUSD", 0)) - 0.0031).toFixed(5),
  }),
  order({
    id: "ord-w2",
    type: "stop",
    side: "sell",
    instrument: "GBPUSD",
    status: "replace_pending",
    price: (Number(price("GBPUSD", 0)) - 0.002).toFixed(5),
    source: "agent:gbpusd-ppo",
    source_name: "GBPUSD learned",
    quantity: "0.20",
  }),
);

export const fills: Fill[] = orders
  .filter(({ status }) => status === "filled")
  .map((one, index) => ({
    id: `fill-${one.id}`,
    order: one.id,
    account: one.account,
    instrument: one.instrument,
    side: one.side,
    quantity: one.quantity,
    price: one.average_price ?? "1",
    profit: ((index % 5) * 11.4 - 20).toFixed(2),
    commission: "-1.05",
    swap: "0.00",
    cash_change: ((index % 5) * 11.4 - 21.05).toFixed(2),
    executed_at: one.requested_at,
    source: one.source,
  }));

export function positions(): Position[] {
  const line = (id: number, instrument: string, source: string, quantity: string, minutes: number): Position => {
    const average = price(instrument, minutes);
    const mark = quote(instrument).bid ?? average;
    const profit = (Number(mark) - Number(average)) * Number(quantity) * (instrument === "USDJPY" ? 650 : 100_000);
    return {
      id,
      account: "paper-1",
      instrument,
      source,
      quantity,
      average_price: average,
      mark,
      open_profit: profit.toFixed(2),
      profit_currency: "USD",
      stale: false,
    };
  };
  return [
    line(1, "EURUSD", "", "0.40", 70),
    line(2, "EURUSD", "agent:eurusd-ppo", "0.30", 70),
    line(3, "EURUSD", "user:2", "0.10", 70),
    line(4, "GBPUSD", "", "-0.25", 140),
    line(5, "GBPUSD", "agent:gbpusd-ppo", "-0.25", 140),
    line(6, "USDJPY", "", "0.20", 400),
    line(7, "USDJPY", "agent:usdjpy-ma", "0.20", 400),
  ];
}

export function account(): Account {
  const profit = positions()
    .filter(({ source }) => source === "")
    .reduce((sum, { open_profit }) => sum + Number(open_profit), 0);
  const equity = 98_840 + profit;
  return {
    slug: "paper-1",
    name: "Paper 1",
    currency: "USD",
    environment: "paper",
    enabled: true,
    entries_blocked: "",
    cash: "98840.00",
    equity: equity.toFixed(2),
    open_profit: profit.toFixed(2),
    margin_used: "2811.40",
    gross: "84341.00",
    day_profit: (equity - 99_010).toFixed(2),
    drawdown: 1 - equity / 101_420,
    high_water_mark: "101420.00",
    breaker: { level: 0, level_name: "NORMAL", thresholds: [0.05, 0.1, 0.15] },
    desk_at: new Date().toISOString(),
    valued_at: new Date().toISOString(),
  };
}

export function curve() {
  const chance = random(11);
  let equity = 100_000;
  const points = Array.from({ length: 300 }, (_, index) => {
    equity *= 1 + (chance() - 0.505) * 0.0022;
    return {
      at: at((300 - index) * 15),
      mean: equity.toFixed(2),
      low: (equity * 0.9994).toFixed(2),
      high: (equity * 1.0006).toFixed(2),
    };
  });
  return { points, limits: [0.05, 0.1, 0.15], base: "100000.00" };
}
