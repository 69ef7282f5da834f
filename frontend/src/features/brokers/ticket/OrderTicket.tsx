import { notifications } from "@mantine/notifications";
import { type FormEvent, type RefObject, useEffect, useState } from "react";
import type { Instrument, Order, OrderWish, Priced, Side } from "@/api/shapes";
import { lots, words } from "@/ui/format";
import { Panel } from "@/ui/Panel";
import { Empty, NoPermission } from "@/ui/States";
import { StepField } from "@/ui/StepField";
import { ReduceOnly, SendButton, TypePicker } from "./Choices";
import { Confirm } from "./Confirm";
import { faultsOf, wishOf } from "./draft";
import { shownFaults, useDraft } from "./drafting";
import { Estimate } from "./Estimate";
import classes from "./OrderTicket.module.css";
import { Refused } from "./Refused";
import { Sides } from "./Sides";
import { Size } from "./Size";
import { usePreview, useSend } from "./sending";
import { percentWords, sizeOf } from "./sized";

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
  /** Of the account, to tell a loss at the stop as a share of it. */
  equity?: string | null;
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
  const isByRisk = draft.sizedBy === "risk";
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
      <Size
        by={draft.sizedBy}
        onBy={set.sizedBy}
        lots={draft.quantity}
        onLots={set.quantity}
        lotStep={instrument.lot_step}
        risk={draft.risk}
        onRisk={set.risk}
        fault={shown.quantity ?? shown.risk}
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
          placeholder={isByRisk ? "needed" : "none"}
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
      <ReduceOnly isOn={draft.reduceOnly} isOff={isByRisk} onChange={set.reduceOnly} />
      <SendButton
        side={draft.side}
        label={nameOf(wish, how)}
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
          wish={wish}
          lotMax={instrument.lot_max}
          equity={props.equity}
        />
      )}
      {isByRisk && !draft.stopLoss.trim() && (
        <p className={classes.hint}>
          Enter a stop loss: the lots follow from how far it is, so that {draft.risk || "–"} % of equity is lost there.
        </p>
      )}
      {asking && (
        <Confirm
          order={asking}
          lots={preview.data && !preview.isOld ? sizeOf(preview.data, asking, instrument.lot_max) : null}
          account={account.name}
          blocked={blocked}
          onSend={go}
          onClose={() => setAsking(null)}
        />
      )}
    </form>
  );
}

/** What the button sends: lots as they go out, or the share that they follow from. */
function nameOf({ side, quantity, risk_share, instrument }: OrderWish, how: string): string {
  const verb = side === "buy" ? "Buy" : "Sell";
  if (risk_share) return `${verb} ${instrument} ${how}, ${percentWords(risk_share)} risk`;
  return `${verb} ${quantity || "–"} ${instrument} ${how}`;
}

function tell({ side, quantity, instrument, status }: Order): void {
  const what = `${side === "buy" ? "Buy" : "Sell"} ${lots(quantity)} ${instrument}`;
  notifications.show({ message: `${what}: ${words(status)}` });
}
