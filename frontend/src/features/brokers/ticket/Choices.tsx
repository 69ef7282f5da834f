// Parts of the ticket that do not move with the market: each is drawn anew only when its own words change.
import { Button, Checkbox, SegmentedControl } from "@mantine/core";
import { memo } from "react";
import type { OrderType, Side } from "@/api/shapes";
import classes from "./OrderTicket.module.css";

const TYPES = [
  { value: "market", label: "Market" },
  { value: "limit", label: "Limit" },
  { value: "stop", label: "Stop" },
];

export const TypePicker = memo(function TypePicker(props: { type: OrderType; onType: (type: OrderType) => void }) {
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label="Order type"
      value={props.type}
      onChange={(type) => props.onType(type as OrderType)}
      data={TYPES}
    />
  );
});

export const ReduceOnly = memo(function ReduceOnly(props: {
  isOn: boolean;
  /** Sized by risk: an exit is a number of lots. */
  isOff: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <Checkbox
      size="xs"
      label="Reduce only"
      checked={props.isOn}
      disabled={props.isOff}
      onChange={(event) => props.onChange(event.currentTarget.checked)}
    />
  );
});

export const SendButton = memo(function SendButton(props: {
  side: Side;
  label: string;
  isBusy: boolean;
  isOff: boolean;
}) {
  return (
    <Button
      type="submit"
      className={props.side === "buy" ? classes.sendBuy : classes.sendSell}
      loading={props.isBusy}
      disabled={props.isOff}
      classNames={{ label: classes.sendLabel }}
      fullWidth
    >
      {props.label}
    </Button>
  );
});
