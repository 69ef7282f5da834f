import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useStale } from "@/api/live";
import type { Order } from "@/api/shapes";
import { lotWords, trimmed } from "@/ui/figures";
import { dateTime, lots, words } from "@/ui/format";
import { SideTag } from "@/ui/Num";
import { Pill } from "@/ui/Pill";
import { StatusPill } from "../OrderStatus";
import classes from "./order-life.module.css";

export function OrderHead({ order, isWorking }: { order: Order; isWorking: boolean }) {
  const agent = order.source.startsWith("agent:") ? order.source.slice("agent:".length) : null;
  const isDenied = order.status === "denied";
  const isCut =
    !isDenied &&
    order.requested_quantity !== order.quantity &&
    Number(order.requested_quantity) !== Number(order.quantity);
  return (
    <header className={classes.head}>
      <nav aria-label="Breadcrumb" className={classes.crumbs}>
        <Link to="/trade">Trade</Link> <span aria-hidden="true">/</span> Order <code>{order.id}</code>
      </nav>
      <div className={classes.titleRow}>
        <h1>
          <SideTag side={order.side} /> {lotWords(isDenied ? order.requested_quantity : order.quantity)}{" "}
          {order.instrument}
        </h1>
        <StatusPill order={order} dot />
        <Pill>{order.kind}</Pill>
        {isWorking && <Following />}
      </div>
      <dl className={classes.facts}>
        <Fact name="Source">
          {agent ? (
            <Link to="/agents/$slug" params={{ slug: agent }}>
              {order.source_name || agent}
            </Link>
          ) : (
            order.source_name || order.source
          )}
        </Fact>
        <Fact name="Account">{order.account}</Fact>
        <Fact name="Type">
          {words(order.type)}
          {order.price ? ` at ${trimmed(order.price)}` : ""}
          {order.reduce_only ? ", reduce only" : ""}
        </Fact>
        {isCut && <Fact name="Asked for">{lotWords(order.requested_quantity)}</Fact>}
        {!isDenied && (
          <Fact name="Filled">
            {lots(order.filled)} of {lotWords(order.quantity)}
          </Fact>
        )}
        {!isDenied && <Fact name="Average price">{trimmed(order.average_price)}</Fact>}
        {order.stop_loss && <Fact name="Stop loss">{trimmed(order.stop_loss)}</Fact>}
        {order.take_profit && <Fact name="Take profit">{trimmed(order.take_profit)}</Fact>}
        <Fact name="Placed">{dateTime(order.created_at, { year: true })} UTC</Fact>
        {order.venue_order_id && <Fact name="Broker's number">{order.venue_order_id}</Fact>}
      </dl>
    </header>
  );
}

/** Whether what the broker does to the order is seen here at once. */
function Following() {
  const stale = useStale();
  return stale ? <Pill tone="warn">not live: {stale}</Pill> : <Pill tone="info">following it live</Pill>;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
