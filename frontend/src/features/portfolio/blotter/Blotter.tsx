import { notifications } from "@mantine/notifications";
import { useCallback } from "react";
import { isUncertain } from "@/api/client";
import type { Order, Position } from "@/api/shapes";
import { Panel } from "@/ui/Panel";
import { Empty, Failed, isTakenAway, Loading, NoPermission, Streamed } from "@/ui/States";
import { Tabs } from "@/ui/Tabs";
import { useFillHistory, usePositions } from "../fills";
import { isWorking, useCancel, useClose, useOrderHistory, useOrders } from "../orders";
import { useSignals } from "../signals";
import { FillsTable } from "./FillsTable";
import { holdings } from "./holdings";
import { OrdersTable } from "./OrdersTable";
import { PositionsTable } from "./PositionsTable";
import { SignalsTable } from "./SignalsTable";

export const TABS = ["positions", "working", "orders", "fills", "signals"] as const;
export type Tab = (typeof TABS)[number];

interface BlotterProps {
  account: string;
  tab: Tab;
  onTab: (tab: Tab) => void;
  digitsOf: (instrument: string) => number;
  onOrder: (id: string) => void;
  onInstrument: (name: string) => void;
  /** Asked to change a working order; absent where that is not allowed. */
  onChange?: (order: Order) => void;
  mayCancel: boolean;
  mayClose: boolean;
  stale?: boolean | string;
  className?: string;
}

export function Blotter(props: BlotterProps) {
  const { account, tab, onTab, className, stale } = props;
  const positions = usePositions(account)?.data?.items;
  const working = useOrders(account)?.data?.items.filter(isWorking);
  const count = (rows: readonly unknown[] | undefined) => (rows?.length ? ` ${rows.length}` : "");
  const tabs = [
    { key: "positions", label: `Positions${count(positions && holdings(positions).filter(({ isFlat }) => !isFlat))}` },
    { key: "working", label: `Working orders${count(working)}` },
    { key: "orders", label: "Order history" },
    { key: "fills", label: "Fills" },
    { key: "signals", label: "Signals" },
  ] as const;
  return (
    <Panel
      title={<Tabs tabs={tabs} value={tab} onChange={onTab} label="Blotter" panelId="blotter" />}
      flush
      stale={stale}
      className={className}
    >
      <div id="blotter" role="tabpanel" aria-label={tab} style={{ height: "100%" }}>
        <Content {...props} />
      </div>
    </Panel>
  );
}

function Content(props: BlotterProps) {
  if (props.tab === "positions") return <Positions {...props} />;
  if (props.tab === "working") return <Working {...props} />;
  if (props.tab === "orders") return <History {...props} />;
  if (props.tab === "fills") return <Fills {...props} />;
  return <Signals {...props} />;
}

/** Without an answer nobody can claim that something was not done. */
function say(subject: string, done: string, fault: Error): void {
  const title = isUncertain(fault) ? `Not known whether ${subject} was ${done}` : `${subject} was not ${done}`;
  notifications.show({ title, message: fault.message, color: "red", autoClose: 8000 });
}

function Positions({ account, digitsOf, onInstrument, mayClose }: BlotterProps) {
  const close = useClose();
  const { mutate } = close;
  const onClose = useCallback(
    (position: Position) =>
      mutate(position, {
        onSuccess: () => notifications.show({ message: `Closing ${position.instrument}` }),
        onError: (fault) => say(position.instrument, "closed", fault),
      }),
    [mutate],
  );
  return (
    <Streamed channel={usePositions(account)} what="seeing this account's positions">
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="No open positions" hint="What agents or you buy and sell appears here at once." />
        ) : (
          <PositionsTable
            rows={items}
            digitsOf={digitsOf}
            onChoose={onInstrument}
            onClose={mayClose ? onClose : undefined}
          />
        )
      }
    </Streamed>
  );
}

function Working({ account, digitsOf, onOrder, onChange, mayCancel }: BlotterProps) {
  const { mutate } = useCancel();
  const onCancel = useCallback(
    (order: { id: string }) => mutate(order.id, { onError: (fault) => say("the order", "cancelled", fault) }),
    [mutate],
  );
  return (
    <Streamed channel={useOrders(account)} what="seeing this account's orders">
      {({ items }) => {
        const rows = items.filter(isWorking);
        if (rows.length === 0)
          return <Empty title="No working orders" hint="Limit and stop orders wait here until they fill." />;
        return (
          <OrdersTable
            rows={rows}
            label="Working orders"
            digitsOf={digitsOf}
            onOpen={onOrder}
            onChange={onChange}
            onCancel={mayCancel ? onCancel : undefined}
          />
        );
      }}
    </Streamed>
  );
}

interface Read {
  rows: readonly unknown[];
  query: { isPending: boolean; error: unknown; refetch: () => unknown };
  live?: { state: string };
}

/** What stands in place of a list that has no rows (yet), or null when it has some. */
function instead({ rows, query, live }: Read, what: string, empty: string, hint?: string) {
  // Also where rows were shown before: a right that was taken away takes them along.
  if (live?.state === "forbidden" || isTakenAway(query.error)) return <NoPermission what={what} />;
  if (rows.length > 0) return null;
  if (query.isPending) return <Loading />;
  if (query.error) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  return <Empty title={empty} hint={hint} />;
}

function History({ account, digitsOf, onOrder }: BlotterProps) {
  const read = useOrderHistory(account);
  return (
    instead(read, "seeing this account's orders", "No orders yet", "Each order stays here with its whole life.") ?? (
      <OrdersTable rows={read.rows} label="Order history" digitsOf={digitsOf} onOpen={onOrder} onEnd={read.more} />
    )
  );
}

function Fills({ account, digitsOf, onOrder }: BlotterProps) {
  const read = useFillHistory(account);
  return (
    instead(read, "seeing this account's fills", "No fills yet") ?? (
      <FillsTable rows={read.rows} digitsOf={digitsOf} onOpen={onOrder} onEnd={read.more} />
    )
  );
}

function Signals({ onOrder }: BlotterProps) {
  const read = useSignals();
  return (
    instead(read, "seeing agents' signals", "No signals yet", "Agents decide when a bar closes.") ?? (
      <SignalsTable rows={read.rows} onOpen={onOrder} onEnd={read.more} />
    )
  );
}
