// How an update changes what a channel's snapshot said.
import type { OrderStatus } from "./shapes";

interface Row {
  [field: string]: unknown;
}

interface List {
  /** The field that names a row. */
  key: string;
  /** The most rows kept, beside those that stay. */
  keep: number;
  /** A row that is never dropped for new ones. */
  stays?: (row: Row) => boolean;
}

/** What may still trade: an order that waits since morning is no less there after five hundred others. */
export const WORKING: ReadonlySet<unknown> = new Set<OrderStatus>([
  "approved",
  "sending",
  "accepted",
  "partially_filled",
  "cancel_pending",
  "replace_pending",
  "unknown",
]);

/** Channels whose snapshot is `{items: [...]}`. */
const LISTS: Record<string, List> = {
  orders: { key: "id", keep: 500, stays: ({ status }) => WORKING.has(status) },
  fills: { key: "id", keep: 200 },
  signals: { key: "id", keep: 200 },
  alerts: { key: "id", keep: 100 },
  breakers: { key: "scope", keep: 100 },
  agents: { key: "slug", keep: 1000 },
  brokers: { key: "slug", keep: 100 },
};

export function kindOf(channel: string): string {
  return channel.split(":")[0] ?? channel;
}

/** The data of `channel` after `body` arrived as an update. */
export function fold(channel: string, data: unknown, body: unknown): unknown {
  const list = LISTS[kindOf(channel)];
  if (kindOf(channel) === "bars") return withBar(data as Row, body);
  if (!list || isItems(body)) return body;
  return { items: withRow(isItems(data) ? data.items : [], body as Row, list) };
}

function isItems(data: unknown): data is { items: Row[] } {
  return typeof data === "object" && data !== null && Array.isArray((data as Row).items);
}

function withRow(rows: readonly Row[], row: Row, { key, keep, stays }: List): Row[] {
  const at = rows.findIndex((old) => old[key] === row[key]);
  if (at < 0) return [row, ...rows].filter((one, place) => place < keep || stays?.(one));
  return rows.map((old, index) => (index === at ? row : old));
}

const MOST_BARS = 500;

/** A closed bar is added at the end, or takes the place of the one with its opening time. */
function withBar(data: Row, body: unknown): unknown {
  if (!Array.isArray(body)) return body;
  const bars = (Array.isArray(data?.bars) ? data.bars : []) as unknown[][];
  return { ...data, bars: [...bars.filter((bar) => bar[0] !== body[0]), body].slice(-MOST_BARS) };
}
