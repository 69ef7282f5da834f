import type { Check } from "@/api/shapes";
import { checkName } from "@/ui/checkNames";
import { figure } from "@/ui/figures";
import classes from "./OrderTicket.module.css";

/** Each check with what it saw and what it allows; failed ones first. `currency` is the account's. */
export function Checks({ checks, currency }: { checks: readonly Check[]; currency: string }) {
  const sorted = [...checks].sort((a, b) => Number(a.passed) - Number(b.passed));
  return (
    <ul className={classes.checks}>
      {sorted.map((check) => (
        <li key={check.check} className={check.passed ? undefined : classes.failed}>
          <span className={classes.mark} role="img" aria-label={check.passed ? "passed" : "failed"}>
            {check.passed ? "✓" : "✕"}
          </span>
          <span title={check.text || undefined}>{checkName(check.check)}</span>
          <span className={classes.checkFigures}>{figures(check, currency)}</span>
          {!check.passed && check.text && <span className={classes.checkText}>{check.text}</span>}
        </li>
      ))}
    </ul>
  );
}

/** "0.01 lots of 5 lots". */
function figures({ value, limit, unit }: Check, currency: string): string {
  if (value === null || value === undefined || value === "") return "";
  const of = limit === null || limit === undefined || limit === "" ? "" : ` of ${figure(limit, unit, currency)}`;
  return `${figure(value, unit, of ? "" : currency)}${of}`;
}
