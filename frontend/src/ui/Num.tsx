import { percent, signedMoney, signOf } from "./format";
import classes from "./Num.module.css";

/** Profit or loss: signed, coloured, tabular. */
export function Profit({
  value,
  digits = 2,
  unit,
}: {
  value: string | null | undefined;
  digits?: number;
  unit?: string;
}) {
  return (
    <span className={`${classes.num} ${tone(signOf(value))}`}>
      {signedMoney(value, digits)}
      {unit && value ? <span className={classes.unit}> {unit}</span> : null}
    </span>
  );
}

/** A ratio as signed percent with an arrow: told without colour too. */
export function Change({ value, digits = 2 }: { value: number | null | undefined; digits?: number }) {
  const sign = signOf(value);
  return (
    <span className={`${classes.num} ${tone(sign)}`}>
      {sign !== 0 && <span aria-hidden="true">{sign > 0 ? "▲ " : "▼ "}</span>}
      {percent(value, digits, true)}
    </span>
  );
}

export function SideTag({ side }: { side: "buy" | "sell" }) {
  return (
    <span className={`${classes.side} ${side === "buy" ? classes.up : classes.down}`}>
      <span aria-hidden="true">{side === "buy" ? "▲" : "▼"}</span> {side === "buy" ? "Buy" : "Sell"}
    </span>
  );
}

function tone(sign: number): string {
  return (sign > 0 ? classes.up : sign < 0 ? classes.down : classes.flat) ?? "";
}
