// Pre-trade checks by name, as a person reads them.

const NAMES: Record<string, string> = {
  numbers: "Numbers are sound",
  steps: "Lot step",
  lot_limits: "Smallest and largest lot",
  ticks: "Tick size",
  own_account: "Own account",
  within_position: "Within the position",
  price_band: "Price near the market",
  breaker: "Circuit breaker",
  enabled: "Account enabled",
  not_blocked: "Entries not blocked",
  no_doubt: "No order in doubt",
  good_quote: "Fresh quote",
  session: "Market open",
  protection: "Stop and target",
  order_size: "Order size",
  order_value: "Order value",
  capital: "Share of equity",
  position: "Position",
  gross: "Gross exposure",
  net: "Net exposure",
  margin: "Margin",
  free_margin: "Free margin",
  open_orders: "Open orders",
  currency: "Currency exposure",
  entries_day: "Entries today",
  value_day: "Traded value today",
  day_loss: "Loss today",
  sigma: "Deviation of a day",
  var: "Value at risk",
  es: "Expected shortfall",
  fifo: "First in, first out",
  hedge: "No hedging",
  pack: "Regulator's rules",
  duplicate: "Not sent twice",
  self_trade: "No trade with ourselves",
  permission: "Instrument permitted",
  restricted: "Not restricted",
  steady_market: "Steady market",
  throttle: "Not too many messages",
  repeat: "Not repeated",
  sizing: "Sizing",
  request: "Request",
  intent: "Intent",
};

const SCOPES = ["desk", "account", "source"] as const;
type Scope = (typeof SCOPES)[number];

/** "position_account" is the check `position` of the scope `account`. */
export function parted(check: string): { base: string; scope: Scope | null } {
  const scope = SCOPES.find((each) => check.endsWith(`_${each}`));
  const base = scope ? check.slice(0, -scope.length - 1) : check;
  return scope && base in NAMES ? { base, scope } : { base: check, scope: null };
}

const SCOPE_WORDS: Record<Scope, string> = { desk: "desk", account: "account", source: "source" };

/** "open_orders_account" -> "Open orders, account". */
export function checkName(check: string): string {
  const { base, scope } = parted(check);
  const name = NAMES[base] ?? base.replaceAll("_", " ");
  return scope ? `${name}, ${SCOPE_WORDS[scope]}` : name;
}
