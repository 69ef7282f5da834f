// What the chart shows of an account: fills, denied wishes, and the prices that matter now.
import type { Fill, Order, Position } from "@/api/shapes";
import type { Line, Mark } from "@/features/marketdata/candles/marks";
import { cancelsOut } from "@/features/portfolio/blotter/holdings";
import { isWorking } from "@/features/portfolio/orders";
import { lots, signOf } from "@/ui/format";

const seconds = (at: string) => Date.parse(at) / 1000;

/** Ids are those of orders: a click on a mark opens the order's page. */
export function marksOf(symbol: string, fills: readonly Fill[], orders: readonly Order[]): Mark[] {
  return [
    ...fills
      .filter(({ instrument }) => instrument === symbol)
      .map((fill) => ({
        id: fill.order,
        kind: "fill" as const,
        side: fill.side,
        at: seconds(fill.executed_at),
        text: `${fill.side === "buy" ? "▲ Bought" : "▼ Sold"} ${lots(fill.quantity)} at ${fill.price}`,
      })),
    ...orders
      .filter(({ instrument, status }) => instrument === symbol && status === "denied")
      .map((order) => ({
        id: order.id,
        kind: "denied" as const,
        side: order.side,
        at: seconds(order.requested_at),
        text: `Denied: ${order.reasons[0]?.text || order.reasons[0]?.check || order.side}`,
      })),
  ];
}

export function linesOf(symbol: string, positions: readonly Position[], orders: readonly Order[]): Line[] {
  const here = positions.filter(({ instrument, quantity }) => instrument === symbol && signOf(quantity) !== 0);
  const nets = here.filter(({ source }) => source === "");
  if (nets.length === 0 && cancelsOut(here)) return waiting(symbol, orders);
  const held = nets.length > 0 ? nets : here;
  return [...held.map(positionLine), ...here.flatMap((one) => guards(one, orders)), ...waiting(symbol, orders)];
}

function positionLine(position: Position): Line {
  return {
    id: `position ${position.id}`,
    kind: "position",
    price: Number(position.average_price),
    title: lots(position.quantity, true),
  };
}

/** Stop and target of the last entry that built this source's position. */
function guards({ source, instrument, quantity }: Position, orders: readonly Order[]): Line[] {
  const side = signOf(quantity) > 0 ? "buy" : "sell";
  const entry = orders.find(
    (order) =>
      order.instrument === instrument &&
      order.source === source &&
      order.kind === "entry" &&
      order.side === side &&
      order.status === "filled",
  );
  if (!entry) return [];
  const line = (kind: "stop" | "target", price: string | null, title: string): Line[] =>
    price ? [{ id: `${kind} ${entry.id}`, kind, price: Number(price), title }] : [];
  return [...line("stop", entry.stop_loss, "SL"), ...line("target", entry.take_profit, "TP")];
}

function waiting(symbol: string, orders: readonly Order[]): Line[] {
  return orders
    .filter(
      (order) => order.instrument === symbol && order.price !== null && order.type !== "market" && isWorking(order),
    )
    .map((order) => ({
      id: `order ${order.id}`,
      kind: "order",
      price: Number(order.price),
      title: `${order.side} ${order.type} ${lots(order.quantity)}`,
    }));
}
