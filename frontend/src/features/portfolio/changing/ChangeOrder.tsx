import { Button, Group, Modal, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import type { Instrument, Order, Priced } from "@/api/shapes";
import { lotWords, trimmed } from "@/ui/figures";
import { words } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import { StepField } from "@/ui/StepField";
import { lifeQuery } from "../order-life/reading";
import { useChange } from "../orders";
import {
  type Asked,
  changesOf,
  faultsOf,
  inWords,
  NAMES,
  type Outcome,
  outcomeOf,
  refusalIn,
  shown,
  type Term,
  type Typed,
  whyNot,
} from "./change";
import classes from "./changing.module.css";
import { Answer, Refused, tellingOf, titleOf } from "./Told";

export interface ChangeOrderProps {
  /** As it is heard of now. */
  order: Order;
  instrument: Instrument | undefined;
  quote: Priced | undefined;
  /** The terms that the venue can change; undefined while that is not known. */
  changeable: readonly string[] | undefined;
  currency: string;
  /** Why nothing can be sent now, or null. */
  blocked: string | null;
  /** Hidden, it still waits for the venue's answer and tells it. */
  isOpen: boolean;
  onClose: () => void;
  /** Nothing is awaited any more and nobody looks. */
  onDone: () => void;
}

const LEAVES_AFTER_MS = 500;

/** Other terms for a resting order: asked for, pending at the venue, and what the venue answered. */
export function ChangeOrder(props: ChangeOrderProps) {
  const { order, isOpen, onClose, onDone } = props;
  const change = useChange();
  const [typed, setTyped] = useState<Typed>({});
  const [asked, setAsked] = useState<Asked | null>(null);
  const outcome = asked && outcomeOf(asked, order);
  const isAwaited = change.isPending || outcome === "pending";
  const said = useSaid(order.id, outcome);
  const isTold = outcome !== null && outcome !== "pending" && said !== null;
  useEffect(() => {
    if (isOpen || !isTold || !outcome) return;
    notifications.show(tellingOf(order, outcome, said));
    setAsked(null);
  }, [isOpen, isTold, outcome, order, said]);
  const { error, reset } = change;
  useEffect(() => {
    if (isOpen || !error) return;
    notifications.show({ title: titleOf(error, false), message: error.message, color: "red", autoClose: 8000 });
    reset();
  }, [isOpen, error, reset]);
  useEffect(() => {
    if (isOpen || isAwaited || asked) return;
    // By then the dialog has faded out.
    const timer = setTimeout(onDone, LEAVES_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isOpen, isAwaited, asked, onDone]);
  const ask = () => {
    const changes = changesOf(order, typed);
    setAsked(null);
    change.mutate(
      { order, changes },
      {
        onSuccess: ({ revision }) => {
          setTyped({});
          setAsked({ changes, revision });
        },
      },
    );
  };
  const set = (part: Typed) => {
    if (isAwaited) return;
    change.reset();
    setAsked(null);
    setTyped((old) => ({ ...old, ...part }));
  };
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={`Change ${order.side} ${words(order.type)} of ${order.instrument}`}
      size="sm"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Form
        {...props}
        typed={typed}
        set={set}
        onAsk={ask}
        isAwaited={isAwaited}
        idle={isTold ? "" : "Nothing is changed yet."}
      >
        {change.error && <Refused fault={change.error} currency={props.currency} />}
        {asked && outcome === "pending" && (
          <Notice tone="info" title="Asked of the venue">
            {inWords(order, asked.changes).join(", ") || "The same terms"}. Until it answers the order works on as it
            was.
          </Notice>
        )}
        {isTold && outcome && <Answer order={order} outcome={outcome} said={said} />}
      </Form>
    </Modal>
  );
}

type FormProps = ChangeOrderProps & {
  typed: Typed;
  set: (part: Typed) => void;
  onAsk: () => void;
  isAwaited: boolean;
  /** What stands where the changes do while there are none. */
  idle: string;
  children: React.ReactNode;
};

function Form(props: FormProps) {
  const { order, instrument, quote, changeable, blocked, typed, set, isAwaited } = props;
  const faults = faultsOf(order, typed, instrument, quote);
  const steps = inWords(order, changesOf(order, typed));
  const why = isAwaited ? "" : whyNot(order);
  const isOff = isAwaited || blocked !== null || why !== "" || steps.length === 0 || Object.keys(faults).length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isOff) props.onAsk();
  };
  const field = (term: Term, label = NAMES[term]) => {
    const isFixed = changeable !== undefined && !changeable.includes(term);
    return (
      <StepField
        label={label}
        value={shown(order, typed, term)}
        onChange={(text) => set({ [term]: text })}
        step={(term === "quantity" ? instrument?.lot_step : instrument?.tick_size) ?? "0.01"}
        from={() => order.price ?? undefined}
        unit={term === "quantity" ? "lots" : undefined}
        placeholder={term === "quantity" || term === "price" ? undefined : "none"}
        fault={faults[term]}
        isOff={isFixed || isAwaited}
        isFirst={term === "price"}
        hint={isFixed ? "The venue cannot change it: cancel the order and send another." : undefined}
      />
    );
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="xs">
        <p className={classes.now}>
          {lotWords(order.quantity)}, {trimmed(order.filled)} filled
          {quote && (
            <>
              {" "}
              · bid <strong>{quote.bid}</strong> · ask <strong>{quote.ask}</strong>
            </>
          )}
        </p>
        {field("price", order.type === "limit" ? "Limit price" : "Stop price")}
        <div className={classes.pair}>
          {field("stop_loss")}
          {field("take_profit")}
        </div>
        {field("quantity")}
        {(blocked || why) && (
          <p className={classes.warning} role="status">
            {blocked ?? `It cannot be changed: ${why}.`}
          </p>
        )}
        {props.children}
        <p className={classes.steps} aria-live="polite">
          {isAwaited ? "" : steps.join(", ") || props.idle}
        </p>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.onClose}>
            Close
          </Button>
          <Button type="submit" loading={isAwaited} disabled={isOff}>
            Change the order
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The venue's words when it kept the old terms; null while they are read, empty where there are none. */
function useSaid(id: string, outcome: Outcome | null): string | null {
  const isKept = outcome === "kept" || outcome === "ended";
  const { data, isFetching, isError } = useQuery({ ...lifeQuery(id), enabled: isKept, staleTime: 0 });
  if (!isKept) return "";
  return isFetching && !isError ? null : refusalIn(data);
}
