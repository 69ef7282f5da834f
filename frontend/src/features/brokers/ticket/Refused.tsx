import { Button } from "@mantine/core";
import { isUncertain, Problem } from "@/api/client";
import { Notice } from "@/ui/Notice";
import { Checks } from "./Checks";
import classes from "./OrderTicket.module.css";

interface RefusedProps {
  fault: Error;
  currency: string;
  onOpen: (orderId: string) => void;
}

/** Why an order was not taken, or that nobody can tell whether it was. */
export function Refused({ fault, currency, onOpen }: RefusedProps) {
  const body = fault instanceof Problem ? fault.body : null;
  const failed = body?.checks?.filter(({ passed }) => !passed) ?? [];
  return (
    <Notice tone={isDenial(fault) ? "warn" : "bad"} title={titleOf(fault)}>
      {failed.length > 0 ? (
        <Checks checks={failed} currency={currency} />
      ) : (
        <p className={classes.hint}>{fault.message}</p>
      )}
      {isUncertain(fault) && (
        <p className={classes.hint}>
          Look at the orders below. Sending the same order again within ten minutes cannot make a second one.
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

function isDenial(fault: Error): boolean {
  return fault instanceof Problem && fault.kind === "risk-denied";
}

function titleOf(fault: Error): string {
  if (isDenial(fault)) return "Denied by risk";
  if (isUncertain(fault)) return "It is not known whether the order arrived";
  return (fault instanceof Problem && fault.body.title) || "The order was not sent";
}
