import type { Check } from "@/api/shapes";
import { apartWords, currencyOf, isStanding } from "@/ui/apart";
import { checkName } from "@/ui/checkNames";
import { figure } from "@/ui/figures";
import classes from "./OrderTicket.module.css";

const rank = ({ passed, soft }: Check) => (passed ? (soft ? 1 : 2) : 0);

/** Each check with what it saw and what it allows: failed ones first, then soft limits. `currency` is the account's. */
export function Checks({ checks, currency }: { checks: readonly Check[]; currency: string }) {
  const sorted = [...checks].sort((a, b) => rank(a) - rank(b));
  return (
    <ul className={classes.checks}>
      {sorted.map((check) => (
        <li key={check.check} className={!check.passed ? classes.failed : check.soft ? classes.softly : undefined}>
          <Mark check={check} />
          <span title={check.text || undefined}>{checkName(check.check)}</span>
          <span className={classes.checkFigures}>{figures(check, currency)}</span>
          {!check.passed && check.text && <span className={classes.checkText}>{check.text}</span>}
          {check.passed && check.soft && <span className={classes.checkText}>beyond its soft limit, still passes</span>}
        </li>
      ))}
    </ul>
  );
}

function Mark({ check: { passed, soft } }: { check: Check }) {
  const [sign, label] = !passed ? ["✕", "failed"] : soft ? ["!", "soft limit"] : ["✓", "passed"];
  return (
    <span className={classes.mark} role="img" aria-label={label}>
      {sign}
    </span>
  );
}

/** "0.01 lots of 5 lots, 4.99 lots left". */
function figures(check: Check, currency: string): string {
  const { value, limit, unit } = check;
  if (value === null || value === undefined || value === "") return "";
  const money = currencyOf(check, currency);
  if (limit === null || limit === undefined || limit === "") return figure(value, unit, money);
  const apart = !check.passed || isStanding(check) ? apartWords(check, currency) : "";
  return `${figure(value, unit)} of ${figure(limit, unit, money)}${apart ? `, ${apart}` : ""}`;
}
