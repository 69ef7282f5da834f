import { memo } from "react";
import type { Preview } from "@/api/shapes";
import { apartWords, tightest } from "@/ui/apart";
import { checkName } from "@/ui/checkNames";
import { compare } from "@/ui/decimals";
import { decimal, lots, money } from "@/ui/format";
import { Checks } from "./Checks";
import classes from "./OrderTicket.module.css";

interface EstimateProps {
  preview: Preview | undefined;
  error: Error | null;
  isAsking: boolean;
  /** The preview is of the order as it was before the last change. */
  isOld: boolean;
  asked: string;
}

/** What the desk says of the order before it is sent. */
export const Estimate = memo(function Estimate({ preview, error, isAsking, isOld, asked }: EstimateProps) {
  if (error) return <p className={classes.hint}>No preview: {error.message}</p>;
  if (!preview) {
    return (
      <p className={classes.hint}>
        {isAsking ? "Asking the desk what it would say" : "Margin, risk and checks appear here."}
      </p>
    );
  }
  const failed = preview.checks.filter(({ passed }) => !passed);
  const isCut = !isOld && preview.would === "pass" && compare(preview.quantity, asked) !== 0;
  const facts: [string, string][] = [
    ["Counted at most at", decimal(preview.price)],
    ["Value", money(preview.value)],
    ["Margin", money(preview.margin)],
    ["Margin free after", money(preview.margin_free_after)],
    ["Risk at stop", money(preview.risk)],
  ];
  return (
    <div className={`${classes.estimate} ${isOld ? classes.asking : ""}`} aria-busy={isOld}>
      <details className={classes.details} open={(!isOld && failed.length > 0) || undefined}>
        <summary aria-live="polite">
          <Would preview={preview} failed={failed} isOld={isOld} />
        </summary>
        <Checks checks={preview.checks} currency={preview.currency} />
      </details>
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {value}
              {value !== "–" && name !== "Counted at most at" && (
                <span className={classes.unit}> {preview.currency}</span>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {!isOld && preview.would === "pass" && <Left checks={preview.checks} currency={preview.currency} />}
      {isCut && <p className={classes.cut}>Would be cut to {lots(preview.quantity)} lots by sizing.</p>}
    </div>
  );
});

/** The limit that would stand nearest to its end with the order, and what would be left of it. */
function Left({ checks, currency }: { checks: Preview["checks"]; currency: string }) {
  const nearest = tightest(checks);
  if (!nearest) return null;
  const soft = checks.filter((check) => check.passed && check.soft).length;
  return (
    <p className={soft > 0 ? classes.cut : classes.hint}>
      Least room after: {checkName(nearest.check)}, {apartWords(nearest, currency)}
      {soft > 0 && `. ${soft === 1 ? "1 soft limit" : `${soft} soft limits`} passed.`}
    </p>
  );
}

function Would({ preview, failed, isOld }: { preview: Preview; failed: Preview["checks"]; isOld: boolean }) {
  if (isOld) return <>Asking again after the change</>;
  const [first, ...others] = failed;
  if (!first && preview.would === "pass")
    return <span className={classes.good}>✓ All {preview.checks.length} checks would pass</span>;
  if (!first) return <span className={classes.bad}>✕ It would be denied</span>;
  const apart = apartWords(first, preview.currency);
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  return (
    <span className={classes.bad}>
      ✕ Denied by {checkName(first.check)}
      {apart && `: ${apart}`}
      {more}
    </span>
  );
}
