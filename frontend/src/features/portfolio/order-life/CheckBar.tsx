import { apartWords, currencyOf } from "@/ui/apart";
import { checkName } from "@/ui/checkNames";
import { figure } from "@/ui/figures";
import { type CheckResult, measure, usedShare } from "./checks";
import classes from "./order-life.module.css";
import { milliseconds } from "./writing";

/** One check: passed or not in a word, and its value against its limit where it has them. */
export function CheckBar({ check, currency }: { check: CheckResult; currency: string }) {
  const bar = measure(check);
  const unit = check.unit ?? "";
  const money = currencyOf(check, currency);
  const hasLimit = check.limit !== null && check.limit !== undefined;
  return (
    <li
      className={classes.check}
      data-passed={check.passed}
      data-soft={check.soft || undefined}
      data-bare={check.value == null}
    >
      <span className={classes.checkMark}>
        <span aria-hidden="true">{check.passed ? (check.soft ? "!" : "✓") : "✕"}</span>
        <span className={classes.hidden}>
          {check.passed ? (check.soft ? "beyond its soft limit: " : "passed: ") : "failed: "}
        </span>
      </span>
      <span className={classes.checkName} title={check.check}>
        {checkName(check.check)}
      </span>
      <span className={classes.checkBar}>
        {bar && (
          <span className={classes.track} aria-hidden="true">
            <i style={{ width: `${bar.fill * 100}%` }} />
            <b style={{ left: `${bar.mark * 100}%` }} />
          </span>
        )}
      </span>
      <span className={classes.checkFigures}>
        {check.value != null && (
          <>
            <strong>{figure(check.value, unit, money)}</strong>
            {hasLimit && ` ${bar?.isFloor ? "≥" : "of"} ${figure(check.limit, unit, money)}`}
          </>
        )}
      </span>
      <span className={classes.used}>
        {check.passed ? hasLimit && !bar?.isFloor && usedShare(check) : apartWords(check, currency)}
      </span>
      <span className={classes.ms}>{milliseconds(check.elapsed_ms)}</span>
      {!check.passed && check.text && <span className={classes.checkText}>{check.text}</span>}
    </li>
  );
}
