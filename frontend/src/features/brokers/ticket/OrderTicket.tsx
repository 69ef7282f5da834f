import { Button, Checkbox, Modal, SegmentedControl } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, type RefObject, useEffect, useState } from "react";
import { Problem } from "@/api/client";
import type { Instrument, Order, OrderType, OrderWish, Priced } from "@/api/shapes";
import { decimal, lots, words } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import { Panel } from "@/ui/Panel";
import { Empty, NoPermission } from "@/ui/States";
import { Checks } from "./Checks";
import { type Draft, entryPrice, type Faults, faultsOf, firstDraft, suggestedPrice, wishOf } from "./draft";
import { Estimate } from "./Estimate";
import classes from "./OrderTicket.module.css";
import { StepField } from "./StepField";
import { usePreview, useSend } from "./sending";

export interface Prefill {
  side: "buy" | "sell";
  /** Rises with every press, so that the same side twice is noticed. */
  count: number;
}

interface OrderTicketProps {
  account: { slug: string; name: string } | null;
  instrument: Instrument | undefined;
  quote: Priced | undefined;
  maySend: boolean;
  /** Why nothing can be sent now (link down, halted), or null. */
  blocked: string | null;
  /** Ask once more before sending. */
  confirms: boolean;
  prefill: Prefill | null;
  quantityRef: RefObject<HTMLInputElement | null>;
  onSent?: (order: Order) => void;
  onOpen: (orderId: string) => void;
  className?: string;
}

export function OrderTicket(props: OrderTicketProps) {
  const { account, instrument, maySend, className } = props;
  return (
    <Panel title={instrument ? `Order ticket ${instrument.name}` : "Order ticket"} className={className}>
      {!account || !maySend ? (
        <NoPermission what={account ? `sending orders on ${account.name}` : "an account to trade on"} />
      ) : !instrument ? (
        <Empty title="Choose a symbol" />
      ) : (
        <Form key={instrument.name} {...props} account={account} instrument={instrument} />
      )}
    </Panel>
  );
}

type FormProps = OrderTicketProps & { account: { slug: string; name: string }; instrument: Instrument };

function Form({ account, instrument, quote, blocked, confirms, prefill, quantityRef, onSent, onOpen }: FormProps) {
  const [draft, setDraft] = useState<Draft>(() => firstDraft(instrument));
  const [isTried, setTried] = useState(false);
  const [asking, setAsking] = useState<OrderWish | null>(null);
  const send = useSend();
  const faults = faultsOf(draft, instrument, quote);
  const isSound = Object.keys(faults).length === 0;
  const wish = wishOf(draft, account.slug, instrument.name);
  const preview = usePreview(isSound ? wish : null);
  const { reset } = send;
  const change = (part: Partial<Draft>) => {
    reset();
    setDraft((old) => ({ ...old, ...part }));
  };
  useEffect(() => {
    if (!prefill) return;
    setDraft((old) => ({ ...old, side: prefill.side }));
    quantityRef.current?.focus();
    quantityRef.current?.select();
  }, [prefill, quantityRef]);
  const setType = (type: OrderType) => {
    const next = { ...draft, type };
    change({ type, price: type === "market" || !quote ? "" : suggestedPrice(next, quote, instrument.tick_size) });
  };
  const go = (order: OrderWish) => {
    setAsking(null);
    send.mutate(order, {
      onSuccess: (made) => {
        setTried(false);
        notifications.show({
          message: `${made.side === "buy" ? "Buy" : "Sell"} ${lots(made.quantity)} ${made.instrument}: ${words(made.status)}`,
        });
        onSent?.(made);
      },
    });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!isSound || blocked || send.isPending) return;
    if (confirms) setAsking(wish);
    else go(wish);
  };
  const shown = shownFaults(draft, faults, isTried);
  const isBuy = draft.side === "buy";
  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <div className={classes.sides} role="group" aria-label="Side">
        {(["sell", "buy"] as const).map((side) => (
          <button
            type="button"
            key={side}
            aria-pressed={draft.side === side}
            className={`${classes.side} ${classes[side]}`}
            onClick={() => change({ side })}
          >
            <span>
              <span aria-hidden="true">{side === "buy" ? "▲" : "▼"}</span> {side === "buy" ? "Buy" : "Sell"}
            </span>
            <strong>{decimal(side === "buy" ? quote?.ask : quote?.bid, instrument.digits)}</strong>
          </button>
        ))}
      </div>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label="Order type"
        value={draft.type}
        onChange={(type) => setType(type as OrderType)}
        data={[
          { value: "market", label: "Market" },
          { value: "limit", label: "Limit" },
          { value: "stop", label: "Stop" },
        ]}
      />
      <StepField
        label="Quantity"
        unit="lots"
        value={draft.quantity}
        onChange={(quantity) => change({ quantity })}
        step={instrument.lot_step}
        fault={shown.quantity}
        inputRef={quantityRef}
      />
      {draft.type !== "market" && (
        <StepField
          label={draft.type === "limit" ? "Limit price" : "Stop price"}
          value={draft.price}
          onChange={(price) => change({ price })}
          step={instrument.tick_size}
          from={quote?.bid}
          fault={shown.price}
        />
      )}
      <div className={classes.pair}>
        <StepField
          label="Stop loss"
          value={draft.stopLoss}
          onChange={(stopLoss) => change({ stopLoss })}
          step={instrument.tick_size}
          from={entryPrice(draft, quote) ?? undefined}
          placeholder="none"
          fault={shown.stopLoss}
        />
        <StepField
          label="Take profit"
          value={draft.takeProfit}
          onChange={(takeProfit) => change({ takeProfit })}
          step={instrument.tick_size}
          from={entryPrice(draft, quote) ?? undefined}
          placeholder="none"
          fault={shown.takeProfit}
        />
      </div>
      <Checkbox
        size="xs"
        label="Reduce only"
        checked={draft.reduceOnly}
        onChange={(event) => change({ reduceOnly: event.currentTarget.checked })}
      />
      <Button
        type="submit"
        className={isBuy ? classes.sendBuy : classes.sendSell}
        loading={send.isPending}
        disabled={blocked !== null || (isTried && !isSound)}
        fullWidth
      >
        {isBuy ? "Buy" : "Sell"} {draft.quantity || "–"} {instrument.name}{" "}
        {draft.type === "market" ? "at market" : words(draft.type)}
      </Button>
      {blocked && (
        <p className={classes.blocked} role="status">
          {blocked}
        </p>
      )}
      {send.error && <Refused fault={send.error} onOpen={onOpen} />}
      {isSound && (
        <Estimate
          preview={preview.data}
          error={preview.error}
          isAsking={preview.isFetching && !preview.data}
          asked={wish.quantity}
        />
      )}
      <Modal opened={asking !== null} onClose={() => setAsking(null)} title="Send this order?" size="sm">
        {asking && (
          <>
            <p>
              {isBuy ? "Buy" : "Sell"} <strong>{asking.quantity}</strong> lots of <strong>{asking.instrument}</strong>,{" "}
              {asking.type}
              {asking.price ? ` at ${asking.price}` : ""}
              {asking.stop_loss ? `, stop loss ${asking.stop_loss}` : ""}
              {asking.take_profit ? `, take profit ${asking.take_profit}` : ""}, on account {account.name}.
            </p>
            <Button fullWidth data-autofocus onClick={() => go(asking)}>
              Send
            </Button>
          </>
        )}
      </Modal>
    </form>
  );
}

/** Faults of fields left empty are told only after a try to send; the others at once. */
function shownFaults(draft: Draft, faults: Faults, isTried: boolean): Faults {
  if (isTried) return faults;
  return Object.fromEntries(Object.entries(faults).filter(([field]) => draft[field as keyof Faults] !== ""));
}

function Refused({ fault, onOpen }: { fault: Error; onOpen: (id: string) => void }) {
  const body = fault instanceof Problem ? fault.body : null;
  const isDenied = fault instanceof Problem && fault.kind === "risk-denied";
  const failed = body?.checks?.filter(({ passed }) => !passed) ?? [];
  const title = isDenied ? "Denied by risk" : body?.title || "The order was not sent";
  return (
    <Notice tone={isDenied ? "warn" : "bad"} title={title}>
      {failed.length > 0 ? <Checks checks={failed} /> : <p className={classes.hint}>{fault.message}</p>}
      {fault.name === "Unreachable" && (
        <p className={classes.hint}>
          It is not known whether it arrived. Sending the same order again cannot make a second one.
        </p>
      )}
      {body?.errors?.map(({ pointer, detail }) => (
        <p key={pointer + detail} className={classes.hint}>
          {pointer.replace(/^\//, "")}: {detail}
        </p>
      ))}
      {body?.order && (
        <Button variant="subtle" size="compact-xs" onClick={() => body.order && onOpen(body.order)}>
          See the whole order
        </Button>
      )}
    </Notice>
  );
}
