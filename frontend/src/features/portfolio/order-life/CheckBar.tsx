import { checkName } from "@/ui/checkNames";
import { figure } from "@/ui/figures";
import { type CheckResult, measure, usedShare } from "./checks";
import classes from "./order-life.module.css";
import { milliseconds } from "./writing";

/** One check: passed or not in a word, and its value against its limit where it has them. */
export function CheckBar({ check, currency }: { check: CheckResult; currency: string }) {
  const bar = measure(check);
  const unit = check.unit ?? "";
  const hasLimit = check.limit !== null && check.limit !== undefined;
  return (
    <li className={classes.check} data-passed={check.passed} data-bare={check.value == null}>
      <span className={classes.checkMark}>
        <span aria-hidden="true">{check.passed ? "✓" : "✕"}</span>
        <span className={classes.hidden}>{check.passed ? "passed: " : "failed: "}</span>
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
            <strong>{figure(check.value, unit, currency)}</strong>
            {hasLimit && ` ${bar?.isFloor ? "≥" : "of"} ${figure(check.limit, unit, currency)}`}
          </>
        )}
      </span>
      <span className={classes.used}>{hasLimit && !bar?.isFloor ? usedShare(check) : ""}</span>
      <span className={classes.ms}>{milliseconds(check.elapsed_ms)}</span>
      {!check.passed && check.text && <span className={classes.checkText}>{check.text}</span>}
    </li>
  );
}
