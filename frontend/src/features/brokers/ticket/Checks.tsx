import type { Check } from "@/api/shapes";
import { decimal, words } from "@/ui/format";
import classes from "./OrderTicket.module.css";

/** Each check with what it saw and what it allows; failed ones first. */
export function Checks({ checks }: { checks: readonly Check[] }) {
  const sorted = [...checks].sort((a, b) => Number(a.passed) - Number(b.passed));
  return (
    <ul className={classes.checks}>
      {sorted.map((check) => (
        <li key={check.check} className={check.passed ? undefined : classes.failed}>
          <span className={classes.mark} role="img" aria-label={check.passed ? "passed" : "failed"}>
            {check.passed ? "✓" : "✕"}
          </span>
          <span className={classes.checkName} title={check.text || undefined}>
            {words(check.check)}
          </span>
          <span className={classes.checkFigures}>{figures(check)}</span>
          {!check.passed && check.text && <span className={classes.checkText}>{check.text}</span>}
        </li>
      ))}
    </ul>
  );
}

function figures({ value, limit, unit }: Check): string {
  if (value === null || value === undefined || value === "") return "";
  const of = limit === null || limit === undefined || limit === "" ? "" : ` / ${short(limit)}`;
  return `${short(value)}${of}${unit ? ` ${unit}` : ""}`;
}

/** Figures of checks come with all their decimals; more than five say nothing here. */
function short(value: string): string {
  if (!/^[-+]?\d*\.?\d+(e[-+]?\d+)?$/i.test(value)) return value;
  const text = decimal(value);
  const rest = text.split(".")[1] ?? "";
  const cut = rest.length > 5 ? decimal(value, 5) : text;
  return cut.includes(".") ? cut.replace(/\.?0+$/, "") : cut;
}
