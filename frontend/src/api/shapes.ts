// The bodies of /api/v1/ and of socket frames. Money, price and quantity are decimal strings; times are RFC 3339 UTC.

export type Level = 0 | 1 | 2 | 3;
export type Side = "buy" | "sell";
export type OrderType = "market" | "limit" | "stop";
export type OrderStatus =
  | "denied"
  | "approved"
  | "sending"
  | "accepted"
  | "partially_filled"
  | "filled"
  | "cancel_pending"
  | "replace_pending"
  | "cancelled"
  | "rejected"
  | "expired"
  | "unknown"
  | "absent";

export interface Session {
  user: { id: number; username: string } | null;
  roles: string[];
  rights: string[];
  mode: string;
  run: string;
  market: string;
  speed: number;
  csrf_token: string;
  password_fresh: boolean;
  accounts: { slug: string; name: string; currency: string; rights: string[] }[];
  agents_rights: Record<string, string[]>;
}

export interface Clock {
  desk_at: string;
  wall_at: string;
  speed: number;
  market: string;
  ended: boolean;
  epoch: number | string;
}

export interface Instrument {
  name: string;
  base_currency: string;
  quote_currency: string;
  contract_size: string;
  tick_size: string;
  digits: number;
  lot_step: string;
  lot_min: string;
  lot_max: string;
  is_open: boolean;
}

export interface Quote {
  instrument: string;
  bid: string;
  ask: string;
  spread: string;
  quote_at: string;
  age_s: number;
  stale: boolean;
  day_open: string | null;
  day_change: number | null;
}

/** open_epoch_s, open, high, low, close, volume, spread; mid prices. */
export type BarRow = [number, string, string, string, string, number, ...unknown[]];

export interface Bars {
  instrument: string;
  timeframe: string;
  digits: number;
  bars: BarRow[];
}

export interface AccountBreaker {
  level: Level;
  level_name: string;
  thresholds: number[];
}

export interface Account {
  slug: string;
  name: string;
  currency: string;
  environment: string;
  enabled: boolean;
  entries_blocked: boolean;
  cash: string;
  equity: string;
  open_profit: string;
  margin_used: string;
  gross: string;
  day_profit: string;
  drawdown: number;
  high_water_mark: string;
  breaker: AccountBreaker;
  desk_at: string;
  valued_at: string | null;
}

export interface AccountCurve {
  points: { at: string; mean: number | string; low: number | string; high: number | string }[];
  limits: number[];
  base: number | string;
}

export interface Reason {
  check: string;
  reason: string;
  text: string;
  value: string | null;
  limit: string | null;
  unit: string;
}

export interface Order {
  id: string;
  account: string;
  source: string;
  source_name: string;
  instrument: string;
  side: Side;
  type: OrderType;
  quantity: string;
  requested_quantity: string;
  filled: string;
  average_price: string | null;
  price: string | null;
  stop_loss: string | null;
  take_profit: string | null;
  reduce_only: boolean;
  status: OrderStatus;
  reasons: Reason[];
  venue_order_id: string;
  requested_at: string;
  created_at: string;
  environment: string;
  kind: "entry" | "exit";
}

export interface Fill {
  id: string;
  order: string;
  account: string;
  instrument: string;
  side: Side;
  quantity: string;
  price: string;
  profit: string;
  commission: string;
  swap: string;
  cash_change: string;
  executed_at: string;
  source: string;
}

export interface Position {
  id: number | string;
  account: string;
  instrument: string;
  source: string;
  quantity: string;
  average_price: string;
  mark: string | null;
  open_profit: string | null;
  profit_currency: string;
  stale: boolean;
}

export interface Breaker {
  scope: string;
  level: Level;
  level_name: string;
  drawdown: number | null;
  base: string | null;
  equity: string | null;
  thresholds: number[];
  cause: string;
  changed_at: string | null;
}

export interface Alert {
  id: number | string;
  level: string;
  rule: string;
  text: string;
  created_at: string;
  count: number;
}

export interface Connection {
  slug: string;
  account: string;
  venue: string;
  state: string;
  state_since: string;
  latency_ms: number | null;
  last_error: string;
}

/** One check of a review: what it looked at, and what it allowed. */
export interface Check {
  check: string;
  passed: boolean;
  reason: string;
  value: string | null;
  limit: string | null;
  unit: string;
  text: string;
  elapsed_ms?: number;
}

export interface OrderWish {
  account: string;
  instrument: string;
  side: Side;
  type: OrderType;
  quantity: string;
  price?: string;
  stop_loss?: string;
  take_profit?: string;
  reduce_only?: boolean;
  client_ref?: string;
}

export interface Preview {
  would: "pass" | "deny";
  checks: Check[];
  quantity: string;
  price: string | null;
  value: string | null;
  margin: string | null;
  margin_free_after: string | null;
  risk: string | null;
  currency: string;
  indicative: true;
}

export interface Signal {
  id: number | string;
  agent: string;
  instrument: string;
  bar_close_at: string;
  target: number | string | null;
  outcome: string;
  outcome_text: string;
  orders: string[];
  created_at: string;
  reference_price: string | null;
  version: number | string | null;
}

export interface OrderLife {
  order: Order;
  signal: Signal | null;
  review: {
    checks: Check[];
    sizing: {
      requested: string;
      quantity: string;
      caps: Record<string, string>;
      factor: number | string | null;
      equity: string | null;
      rule: string | null;
    } | null;
    elapsed_ms: number;
    created_at: string;
  } | null;
  events: { at: string; kind: string; old_status: string; new_status: string; detail: unknown; text: string }[];
  fills: Fill[];
}

export interface TrainingRun {
  id: number;
  agent: string;
  status: "queued" | "running" | "done" | "failed" | "cancelled" | "interrupted";
  progress: {
    seed_index?: number;
    seeds?: number;
    step?: number;
    steps?: number;
    curve?: [number, number][][];
    left_s?: number | null;
  };
  config: Record<string, unknown>;
  requested_by: string;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  error: string;
  version: number | null;
  deploy: boolean;
}

export interface EvaluationRow {
  name: string;
  net_return: number;
  sharpe: number | null;
  max_drawdown: number;
  trades: number;
  turnover: number;
  costs: number;
  exposure?: number;
  low?: number;
  high?: number;
}

export interface Evaluation {
  version: number;
  eval_from: string;
  eval_to: string;
  cost_version: string;
  spread_label: string;
  rows: EvaluationRow[];
  equity: Record<string, [number, number][]>;
  drawdown: Record<string, [number, number][]>;
  members: { seed: number; net_return: number; sharpe: number | null; max_drawdown: number; trades: number }[];
  note: string;
}

export interface Version {
  id: number;
  name: string;
  number: number;
  kind: string;
  hash: string;
  created_at: string;
  active: boolean;
  summary: Record<string, unknown>;
  tear_sheet_url: string | null;
}

export interface Agent {
  slug: string;
  name: string;
  account: string;
  instrument: string;
  timeframe: string;
  kind: string;
  stage: string;
  state: string;
  state_reason: string;
  version: string | number | null;
  trained_at: string | null;
  position: string | null;
  day_profit: string | null;
  orders_today: number;
  last_signal_at: string | null;
  training: TrainingRun | null;
  evaluation: Record<string, { net_return: number; sharpe: number | null }> | null;
  note: string;
}

export interface AgentDetail extends Omit<Agent, "evaluation"> {
  versions: Version[];
  evaluation: Evaluation | null;
  runs: TrainingRun[];
  rights: string[];
}

export interface Page<Row> {
  next: string | null;
  previous: string | null;
  results: Row[];
}

export interface Items<Row> {
  items: Row[];
}

/** application/problem+json */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail?: string;
  instance?: string;
  request_id?: string;
  errors?: { pointer: string; code: string; detail: string }[];
  checks?: Check[];
  order?: string;
}
