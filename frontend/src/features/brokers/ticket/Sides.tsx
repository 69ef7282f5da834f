import { memo } from "react";
import type { Side } from "@/api/shapes";
import { decimal } from "@/ui/format";
import classes from "./OrderTicket.module.css";

interface SidesProps {
  side: Side;
  onSide: (side: Side) => void;
  bid: string | undefined;
  ask: string | undefined;
  digits: number;
  /** Why the prices are no longer those of now; false while they are. */
  old: string | false;
}

/** Buy or sell, each at its price. The one part of the ticket that is drawn with every quote. */
export const Sides = memo(function Sides({ side: chosen, onSide, bid, ask, digits, old }: SidesProps) {
  return (
    <>
      <div className={classes.sides} role="group" aria-label="Side">
        {(["sell", "buy"] as const).map((side) => (
          <button
            type="button"
            key={side}
            aria-pressed={chosen === side}
            className={`${classes.side} ${classes[side]}`}
            onClick={() => onSide(side)}
          >
            <span>
              <span aria-hidden="true">{side === "buy" ? "▲" : "▼"}</span> {side === "buy" ? "Buy" : "Sell"}
            </span>
            <strong className={old ? classes.old : undefined}>{decimal(side === "buy" ? ask : bid, digits)}</strong>
          </button>
        ))}
      </div>
      {old && (
        <p className={classes.warning} role="status">
          Prices are old: {old}.
        </p>
      )}
    </>
  );
});
