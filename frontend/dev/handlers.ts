import { delay, HttpResponse, http, type RequestHandler } from "msw";
import type { Order, OrderTerms, OrderWish, Session } from "../src/api/shapes";
import { account, bars, curve, fills, instruments, order, orders, positions, quote } from "./market";

const api = (path: string) => `/api/v1${path}`;
const ALL = [
  "account.view",
  "order.send",
  "order.cancel",
  "position.close",
  "agent.view",
  "agent.train",
  "agent.deploy",
  "agent.pause",
  "agent.resume",
  "desk.halt",
];
const MINUTES: Record<string, number> = { "1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14_400, "1d": 86_400 };

let user: Session["user"] = { id: 2, username: "trader" };
const session = (): Session => ({
  user,
  roles: user ? ["trader"] : [],
  rights: user ? ALL : [],
  mode: "PAPER",
  run: "dev",
  market: "synthetic",
  speed: 1,
  csrf_token: "dev",
  password_fresh: false,
  accounts: user ? [{ slug: "paper-1", name: "Paper 1", currency: "USD", rights: ALL }] : [],
  agents_rights: {},
});
const problem = (status: number, kind: string, more: object = {}) =>
  HttpResponse.json({ type: `/problems/${kind}`, title: kind, status, ...more }, { status });

const checks = (lots: number) => [
  { check: "account_enabled", passed: true, reason: "", value: "", limit: "", unit: "", text: "" },
  {
    check: "order_size",
    passed: lots <= 5,
    reason: lots <= 5 ? "" : "over_limit",
    value: lots.toFixed(2),
    limit: "5.00",
    unit: "lots",
    text: lots <= 5 ? "" : "Order is larger than one order may be",
  },
  { check: "margin_free", passed: true, reason: "", value: "2811.40", limit: "49420.00", unit: "USD", text: "" },
  { check: "gross_exposure", passed: true, reason: "", value: "95200", limit: "400000", unit: "USD", text: "" },
  { check: "quote_age", passed: true, reason: "", value: "0.21", limit: "5", unit: "s", text: "" },
];

interface Listener {
  send: (frame: object) => void;
  channels: Map<string, number>;
}
const listeners = new Set<Listener>();
function tell(channel: string, data: unknown): void {
  for (const listener of listeners) {
    const seq = listener.channels.get(channel);
    if (seq === undefined) continue;
    listener.channels.set(channel, seq + 1);
    listener.send({ t: "upd", ch: channel, epoch: "dev", seq: seq + 1, ts: new Date().toISOString(), data });
  }
}

const limit = (name: string, metric: "gross" | "position", used: string, hard: string, unit: "money" | "lots") => ({
  id: 1,
  scope: "account:paper-1",
  scope_name: "account paper-1",
  metric,
  name,
  counts: "",
  at: unit === "lots" ? "EURUSD" : "",
  unit,
  currency: unit === "money" ? "USD" : "",
  used,
  soft: null,
  hard,
  left: String(Number(hard) - Number(used)),
  share: Number(used) / Number(hard),
  is_floor: false,
  is_over: false,
  is_soft: false,
  each_order: false,
  why: "",
  version: 1,
});
const limits = [
  limit("position", "position", "3.1", "10", "lots"),
  limit("gross", "gross", "95200", "400000", "money"),
];

const alerts = [
  {
    id: 2,
    level: "warning",
    rule: "spread",
    text: "GBPUSD spread was 4 times its usual for 30 s",
    created_at: new Date(Date.now() - 9e5).toISOString(),
    last_at: "",
    closed_at: null,
    count: 3,
  },
];
const breakers = () => [
  {
    scope: "desk",
    level: 0,
    level_name: "NORMAL",
    drawdown: account().drawdown,
    base: "101420",
    equity: account().equity,
    thresholds: [0.05, 0.1, 0.15],
    cause: "",
    changed_at: null,
  },
  {
    scope: "account:paper-1",
    level: 0,
    level_name: "NORMAL",
    drawdown: account().drawdown,
    base: "101420",
    equity: account().equity,
    thresholds: [0.05, 0.1, 0.15],
    cause: "",
    changed_at: null,
  },
];

function snapshot(channel: string): unknown {
  const [kind, name = "", frame = "1m"] = channel.split(":");
  if (kind === "quotes") return quote(name);
  if (kind === "bars") return bars(name, MINUTES[frame] ?? 60, 3, Date.now() / 1000);
  if (kind === "orders") return { items: orders.slice(0, 60) };
  if (kind === "fills") return { items: fills.slice(0, 50) };
  if (kind === "positions") return { items: positions() };
  if (kind === "account") return account();
  if (kind === "breakers") return { items: breakers() };
  if (kind === "alerts") return { items: alerts };
  return { items: [] };
}

/** Answers as the desk's socket does, in the page itself. */
export class DevSocket extends EventTarget {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  private readonly channels = new Map<string, number>();
  private readonly listener = { send: (frame: object) => this.answer(frame), channels: this.channels };

  constructor() {
    super();
    listeners.add(this.listener);
    setTimeout(() => this.answer({ t: "welcome", session: "dev", protocol: 1, mode: "PAPER", heartbeat: 15 }), 50);
  }

  send(text: string): void {
    const { op, id, ch = [] } = JSON.parse(text) as { op: string; id: number; ch?: string[] };
    this.answer({ t: op === "ping" ? "pong" : "ack", id, ch });
    for (const channel of ch) {
      if (op === "unsub") this.channels.delete(channel);
      else this.snap(channel);
    }
  }

  close(): void {
    listeners.delete(this.listener);
  }

  private snap(channel: string): void {
    this.channels.set(channel, 1);
    this.answer({ t: "snap", ch: channel, epoch: "dev", seq: 1, reset: true, data: snapshot(channel) });
  }

  private answer(frame: object): void {
    const data = JSON.stringify({ ...frame, ts: new Date().toISOString() });
    setTimeout(() => this.onmessage?.({ data }), 5);
  }
}

setInterval(() => {
  for (const { name, is_open } of instruments) if (is_open) tell(`quotes:${name}`, quote(name));
}, 250);
setInterval(() => {
  tell("account:paper-1", account());
  tell("positions:paper-1", { items: positions() });
}, 1000);

function carryOut(made: Order): void {
  orders.unshift(made);
  tell("orders:paper-1", made);
  if (made.type !== "market")
    return void setTimeout(() => tell("orders:paper-1", Object.assign(made, { status: "accepted" })), 200);
  setTimeout(() => {
    const { bid, ask } = quote(made.instrument);
    const price = made.side === "buy" ? ask : bid;
    tell("orders:paper-1", Object.assign(made, { status: "filled", filled: made.quantity, average_price: price }));
    const fill = {
      id: `fill-${made.id}`,
      order: made.id,
      account: "paper-1",
      instrument: made.instrument,
      side: made.side,
      quantity: made.quantity,
      price: price ?? "",
      profit: "0.00",
      commission: "-0.35",
      swap: "0",
      cash_change: "-0.35",
      executed_at: new Date().toISOString(),
      source: made.source,
    };
    fills.unshift(fill);
    tell("fills:paper-1", fill);
  }, 400);
}

/** What a venue does with a change: it takes it after a while, or finds the price too near to the market. */
function carryOutChange(one: Order, terms: OrderTerms): void {
  tell("orders:paper-1", Object.assign(one, { status: "replace_pending", revision: one.revision + 1 }));
  const { bid } = quote(one.instrument);
  const isNear = terms.price !== undefined && Math.abs(Number(terms.price) - Number(bid)) < 0.0004;
  if (isNear) refused.set(one.id, "the venue refused it: the price is too near to the market (invalid stops)");
  setTimeout(() => tell("orders:paper-1", Object.assign(one, { status: "accepted" }, isNear ? {} : terms)), 2500);
}
const refused = new Map<string, string>();

export const handlers: RequestHandler[] = [
  http.get(api("/session/"), () => HttpResponse.json(session())),
  http.post(api("/session/"), async ({ request }) => {
    const { username, password } = (await request.json()) as { username: string; password: string };
    if (password === "wrong") return problem(401, "not-authenticated", { detail: "User or password is wrong." });
    user = { id: 2, username };
    return HttpResponse.json(session());
  }),
  http.delete(api("/session/"), () => {
    user = null;
    return new HttpResponse(null, { status: 204 });
  }),
  http.get(api("/clock/"), () =>
    HttpResponse.json({
      desk_at: new Date().toISOString(),
      wall_at: new Date().toISOString(),
      speed: 60,
      market: "synthetic",
      ended: false,
      epoch: 1,
    }),
  ),
  http.get(api("/instruments/"), () => HttpResponse.json(instruments)),
  http.get(api("/quotes/"), () => HttpResponse.json(instruments.map(({ name }) => quote(name)))),
  http.get(api("/bars/"), ({ request }) => {
    const ask = new URL(request.url).searchParams;
    const before = ask.get("before") ? Date.parse(String(ask.get("before"))) / 1000 : Date.now() / 1000;
    return HttpResponse.json(
      bars(
        String(ask.get("instrument")),
        MINUTES[String(ask.get("timeframe"))] ?? 60,
        Number(ask.get("limit") ?? 500),
        before,
      ),
    );
  }),
  http.get(api("/accounts/:slug/"), () => HttpResponse.json(account())),
  http.get(api("/accounts/:slug/curve/"), () => HttpResponse.json(curve())),
  http.get(api("/orders/"), () => HttpResponse.json({ next: null, previous: null, results: orders })),
  http.get(api("/fills/"), () => HttpResponse.json({ next: null, previous: null, results: fills })),
  http.get(api("/signals/"), () =>
    HttpResponse.json({
      next: null,
      previous: null,
      results: orders.slice(1, 60).map((one, index) => ({
        id: index,
        agent: one.source.split(":")[1],
        instrument: one.instrument,
        bar_close_at: one.requested_at,
        target: one.side === "buy" ? 1 : -1,
        outcome: one.status === "denied" ? "denied" : "ordered",
        outcome_text: one.reasons[0]?.text ?? "One order sent",
        orders: [one.id],
        created_at: one.requested_at,
        reference_price: one.average_price,
        version: 1,
      })),
    }),
  ),
  http.post(api("/orders/preview/"), async ({ request }) => {
    const wish = (await request.json()) as OrderWish;
    await delay(120);
    const { ask } = quote(wish.instrument);
    const apart = Math.abs(Number(ask) - Number(wish.stop_loss)) * 100_000;
    const bySize = Math.floor(((Number(account().equity) * Number(wish.risk_share)) / apart) * 100) / 100;
    const lots = wish.risk_share ? Math.min(bySize, 50) : Number(wish.quantity);
    const value = lots * 100_000 * Number(ask);
    return HttpResponse.json({
      would: lots > 5 ? "deny" : "pass",
      checks: checks(lots),
      quantity: lots.toFixed(2),
      price: wish.price ?? ask,
      value: value.toFixed(2),
      margin: (value / 30).toFixed(2),
      margin_free_after: (96_028 - value / 30).toFixed(2),
      risk: wish.stop_loss ? (Math.abs(Number(ask) - Number(wish.stop_loss)) * lots * 100_000).toFixed(2) : null,
      currency: "USD",
      indicative: true,
    });
  }),
  http.post(api("/orders/"), async ({ request }) => {
    const wish = (await request.json()) as Order;
    await delay(150);
    if (Number(wish.quantity) > 5) {
      return problem(422, "risk-denied", {
        title: "Denied by risk",
        detail: "One check failed.",
        checks: checks(Number(wish.quantity)),
        order: "ord-h3",
      });
    }
    const made = order({ ...wish, requested_quantity: wish.quantity, source: "user:2", source_name: "trader" });
    carryOut(made);
    return HttpResponse.json(made, { status: 201 });
  }),
  http.post(api("/orders/:id/cancel/"), ({ params }) => {
    const one = orders.find(({ id }) => id === params.id);
    if (!one) return problem(404, "not-found");
    tell("orders:paper-1", Object.assign(one, { status: "cancelled" }));
    return HttpResponse.json(one);
  }),
  http.patch(api("/orders/:id/"), async ({ params, request }) => {
    const one = orders.find(({ id }) => id === params.id);
    if (!one) return problem(404, "not-found");
    const terms = (await request.json()) as OrderTerms;
    await delay(150);
    if (Number(terms.price) > 1.2)
      return problem(422, "risk-denied", { detail: "One check failed.", checks: checks(7) });
    carryOutChange(one, terms);
    return HttpResponse.json(one);
  }),
  http.get(api("/orders/:id/life/"), ({ params }) => {
    const text = refused.get(String(params.id)) ?? "";
    const event = { at: new Date().toISOString(), kind: "amend_refused", old_status: "", new_status: "", text };
    return HttpResponse.json({
      order: orders.find(({ id }) => id === params.id),
      signal: null,
      review: null,
      fills: [],
      events: text ? [{ ...event, detail: { text } }] : [],
    });
  }),
  http.get(api("/connections/"), () =>
    HttpResponse.json([
      {
        slug: "paper",
        account: "paper-1",
        venue: "mt5",
        state: "up",
        changeable: ["price", "stop_loss", "take_profit"],
      },
    ]),
  ),
  http.post(api("/risk/halt/"), () => HttpResponse.json({ ...breakers()[0], level: 3, level_name: "HALTED" })),
  http.get(api("/limits/"), () => HttpResponse.json(limits)),
  http.get(api("/changes/"), () => HttpResponse.json({ next: null, previous: null, results: [] })),
];
