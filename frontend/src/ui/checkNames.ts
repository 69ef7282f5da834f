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
  margin: "Free margin",
  open_orders: "Open orders",
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
