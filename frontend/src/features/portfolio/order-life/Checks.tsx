import { CheckBar } from "./CheckBar";
import { type CheckGroup, type CheckResult, grouped } from "./checks";
import classes from "./order-life.module.css";

/** Every pre-trade check in its group; a group in which all passed is folded. */
export function Checks({ checks, currency }: { checks: readonly CheckResult[]; currency: string }) {
  if (checks.length === 0) return <p className={classes.soft}>No check was recorded.</p>;
  return (
    <div className={classes.groups}>
      {grouped(checks).map((group) => (
        <details key={group.title} className={classes.group} open={group.failed > 0}>
          <summary>
            <span className={classes.groupTitle}>{group.title}</span>
            <GroupCount group={group} />
          </summary>
          <ul className={classes.checks}>
            {group.checks.map((check) => (
              <CheckBar key={check.check} check={check} currency={currency} />
            ))}
          </ul>
        </details>
      ))}
    </div>
  );
}

function GroupCount({ group: { checks, failed } }: { group: CheckGroup }) {
  if (failed === 0)
    return (
      <span className={classes.passed}>
        <span aria-hidden="true">✓</span> {checks.length} passed
      </span>
    );
  return (
    <span className={classes.failed}>
      <span aria-hidden="true">✕</span> {failed} of {checks.length} failed
    </span>
  );
}
