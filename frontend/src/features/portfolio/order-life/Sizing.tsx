import type { OrderLife } from "@/api/shapes";
import { lotWords, trimmed } from "@/ui/figures";
import { money, words } from "@/ui/format";
import classes from "./order-life.module.css";

type Given = NonNullable<NonNullable<OrderLife["review"]>["sizing"]>;

const CAPS: Record<string, string> = {
  fixed_fractional: "By risk at the stop",
  volatility_target: "By volatility",
};

export interface SizeRow {
  key: string;
  label: string;
  lots: string;
  share: number;
  decides: boolean;
}

/** Asked, what each sizer allows, and what was sent, on one scale. The least cap decides where it made the order smaller. */
export function sizeRows({ requested, quantity, caps }: Given, isSent = true): SizeRow[] {
  const asked = Number(requested);
  const sent = Number(quantity);
  const entries = Object.entries(caps);
  const least = Math.min(...entries.map(([, cap]) => Number(cap)));
  const most = Math.max(asked, sent, ...entries.map(([, cap]) => Math.min(Number(cap), asked * 2 || Number(cap)))) || 1;
  const share = (value: number) => Math.min(1, Math.max(0, value / most));
  return [
    { key: "requested", label: "Asked for", lots: requested, share: share(asked), decides: sent === asked },
    ...entries.map(([name, cap]) => ({
      key: name,
      label: CAPS[name] ?? words(name),
      lots: cap,
      share: share(Number(cap)),
      decides: sent < asked && Number(cap) === least,
    })),
    { key: "quantity", label: isSent ? "Sent" : "Would be sent", lots: quantity, share: share(sent), decides: false },
  ];
}

export function Sizing({ sizing, currency, isSent }: { sizing: Given; currency: string; isSent: boolean }) {
  const factor = Number(sizing.factor ?? 1);
  return (
    <div>
      <ul className={classes.sizes}>
        {sizeRows(sizing, isSent).map((row) => (
          <li key={row.key} data-kind={row.key}>
            <span className={classes.sizeName}>{row.label}</span>
            <span className={classes.sizeBar} aria-hidden="true">
              <i style={{ width: `${row.share * 100}%` }} />
            </span>
            <span className={classes.sizeLots}>{lotWords(rounded(row.lots))}</span>
            <span className={classes.sizeNote}>{row.decides && row.key !== "requested" ? "decides" : ""}</span>
          </li>
        ))}
      </ul>
      <p className={classes.soft}>
        {[
          factor !== 1 && Number.isFinite(factor)
            ? `× ${trimmed(String(sizing.factor))}: the circuit breaker stands at warning`
            : "",
          sizing.equity ? `equity ${money(sizing.equity)} ${currency}`.trim() : "",
          sizing.rule ? `rule ${sizing.rule}` : "",
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
    </div>
  );
}

/** Caps are shares of equity divided by prices: four decimals of a lot say enough. */
function rounded(value: string): string {
  const [, rest = ""] = value.split(".");
  return rest.length > 4 ? Number(value).toFixed(4) : value;
}
