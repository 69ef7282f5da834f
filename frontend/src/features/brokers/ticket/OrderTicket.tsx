import { notifications } from "@mantine/notifications";
import { type FormEvent, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Instrument, Order, OrderType, OrderWish, Priced, Side } from "@/api/shapes";
import { lots, words } from "@/ui/format";
import { Panel } from "@/ui/Panel";
import { Empty, NoPermission } from "@/ui/States";
import { StepField } from "@/ui/StepField";
import { ReduceOnly, SendButton, TypePicker } from "./Choices";
import { Confirm } from "./Confirm";
import { type Draft, entryPrice, type Faults, faultsOf, firstDraft, suggestedPrice, wishOf } from "./draft";
import { Estimate } from "./Estimate";
import classes from "./OrderTicket.module.css";
import { Refused } from "./Refused";
import { Sides } from "./Sides";
import { usePreview, useSend } from "./sending";

interface TicketAccount {
  slug: string;
  name: string;
  currency: string;
}

interface OrderTicketProps {
  account: TicketAccount | null;
  instrument: Instrument | undefined;
  quote: Priced | undefined;
  maySend: boolean;
  /** Why nothing can be sent now, or null. */
  blocked: string | null;
  /** What the live link says of the prices; false while they are live. */
  stale: string | false;
  isHalted: boolean;
  /** Ask once more before sending. */
  confirms: boolean;
  /** A side to begin with; told back as soon as the ticket has taken it. */
  prefill: Side | null;
  onPrefilled: () => void;
  quantityRef: RefObject<HTMLInputElement | null>;
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

type FormProps = OrderTicketProps & { account: TicketAccount; instrument: Instrument };

function Form(props: FormProps) {
  const { account, instrument, quote, blocked, confirms, prefill, onPrefilled, quantityRef, onOpen } = props;
  const [isTried, setTried] = useState(false);
  const [asking, setAsking] = useState<OrderWish | null>(null);
  const send = useSend();
  const { draft, set, setType, atMarket, atEntry } = useDraft(instrument, quote, send);
  const faults = faultsOf(draft, instrument, quote);
  const isSound = Object.keys(faults).length === 0;
  const wish = wishOf(draft, account.slug, instrument.name);
  const preview = usePreview(isSound ? wish : null);
  useEffect(() => {
    if (!prefill) return;
    set.side(prefill);
    quantityRef.current?.focus();
    quantityRef.current?.select();
    onPrefilled();
  }, [prefill, onPrefilled, set, quantityRef]);
  const go = (order: OrderWish) => {
    setAsking(null);
    send.mutate(order, {
      onSuccess: (made) => {
        setTried(false);
        tell(made);
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
  const how = draft.type === "market" ? "at market" : words(draft.type);
  const tick = { step: instrument.tick_size };
  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <Sides
        side={draft.side}
        onSide={set.side}
        bid={quote?.bid}
        ask={quote?.ask}
        digits={instrument.digits}
        old={props.stale || (quote?.stale ? "the market has sent nothing new" : false)}
      />
      <TypePicker type={draft.type} onType={setType} />
      <StepField
        label="Quantity"
        unit="lots"
        value={draft.quantity}
        onChange={set.quantity}
        step={instrument.lot_step}
        fault={shown.quantity}
        inputRef={quantityRef}
      />
      {draft.type !== "market" && (
        <StepField
          label={draft.type === "limit" ? "Limit price" : "Stop price"}
          value={draft.price}
          onChange={set.price}
          from={atMarket}
          fault={shown.price}
          {...tick}
        />
      )}
      <div className={classes.pair}>
        <StepField
          label="Stop loss"
          value={draft.stopLoss}
          onChange={set.stopLoss}
          from={atEntry}
          placeholder="none"
          fault={shown.stopLoss}
          {...tick}
        />
        <StepField
          label="Take profit"
          value={draft.takeProfit}
          onChange={set.takeProfit}
          from={atEntry}
          placeholder="none"
          fault={shown.takeProfit}
          {...tick}
        />
      </div>
      <ReduceOnly isOn={draft.reduceOnly} onChange={set.reduceOnly} />
      <SendButton
        side={draft.side}
        label={`${draft.side === "buy" ? "Buy" : "Sell"} ${wish.quantity || "–"} ${instrument.name} ${how}`}
        isBusy={send.isPending}
        isOff={blocked !== null || (isTried && !isSound)}
      />
      {(blocked || props.isHalted) && (
        <p className={classes.warning} role="status">
          {blocked ?? "Trading is halted: only an order that reduces a position passes. Risk staff can release it."}
        </p>
      )}
      {send.error && <Refused fault={send.error} currency={account.currency} onOpen={onOpen} />}
      {isSound && (
        <Estimate
          preview={preview.data}
          error={preview.error}
          isAsking={preview.isAsking}
          isOld={preview.isOld}
          asked={wish.quantity ?? ""}
        />
      )}
      {asking && (
        <Confirm order={asking} account={account.name} blocked={blocked} onSend={go} onClose={() => setAsking(null)} />
      )}
    </form>
  );
}

/**
 * The draft and what changes it. All functions stay the same from quote to quote, so that fields need not be drawn
 * anew ten times a second; they read the latest quote when they are called.
 */
function useDraft(instrument: Instrument, quote: Priced | undefined, send: { isPending: boolean; reset: () => void }) {
  const [draft, setDraft] = useState<Draft>(() => firstDraft(instrument));
  const now = useRef({ draft, quote, send });
  now.current = { draft, quote, send };
  const change = useCallback((part: Partial<Draft>) => {
    // What becomes of an order on its way is still to be told.
    if (!now.current.send.isPending) now.current.send.reset();
    setDraft((old) => ({ ...old, ...part }));
  }, []);
  const setType = useCallback(
    (type: OrderType) => {
      const market = now.current.quote;
      const next = { ...now.current.draft, type };
      const price = type === "market" || !market ? "" : suggestedPrice(next, market, instrument.tick_size);
      change({ type, price });
    },
    [change, instrument.tick_size],
  );
  const set = useMemo(
    () => ({
      side: (side: Side) => change({ side }),
      quantity: (quantity: string) => change({ quantity }),
      price: (price: string) => change({ price }),
      stopLoss: (stopLoss: string) => change({ stopLoss }),
      takeProfit: (takeProfit: string) => change({ takeProfit }),
      reduceOnly: (reduceOnly: boolean) => change({ reduceOnly }),
    }),
    [change],
  );
  const atMarket = useCallback(() => now.current.quote?.bid, []);
  const atEntry = useCallback(() => entryPrice(now.current.draft, now.current.quote) ?? undefined, []);
  return { draft, set, setType, atMarket, atEntry };
}

function tell({ side, quantity, instrument, status }: Order): void {
  const what = `${side === "buy" ? "Buy" : "Sell"} ${lots(quantity)} ${instrument}`;
  notifications.show({ message: `${what}: ${words(status)}` });
}

/** Faults of fields left empty are told only after a try to send; the others at once. */
function shownFaults(draft: Draft, faults: Faults, isTried: boolean): Faults {
  if (isTried) return faults;
  return Object.fromEntries(Object.entries(faults).filter(([field]) => draft[field as keyof Faults] !== ""));
}
