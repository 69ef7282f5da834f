import { memo } from "react";
import type { OrderWish, Preview } from "@/api/shapes";
import { apartWords, tightest } from "@/ui/apart";
import { checkName } from "@/ui/checkNames";
import { compare } from "@/ui/decimals";
import { lotWords } from "@/ui/figures";
import { decimal, lots, money, percent } from "@/ui/format";
import { Checks } from "./Checks";
import classes from "./OrderTicket.module.css";
import { checksOf, lessWords, shareAtStop, sizeOf } from "./sized";

interface EstimateProps {
  preview: Preview | undefined;
  error: Error | null;
  isAsking: boolean;
  /** The preview is of the order as it was before the last change. */
  isOld: boolean;
  wish: OrderWish;
  lotMax: string;
  equity: string | null | undefined;
}

/** What the desk says of the order before it is sent. */
export const Estimate = memo(function Estimate(props: EstimateProps) {
  const { preview, error, isAsking, isOld, wish, lotMax, equity } = props;
  if (error) return <p className={classes.hint}>No preview: {error.message}</p>;
  if (!preview) {
    return (
      <p className={classes.hint}>
        {isAsking ? "Asking the desk what it would say" : "Margin, risk and checks appear here."}
      </p>
    );
  }
  const size = sizeOf(preview, wish, lotMax);
  const checks = checksOf(preview, size);
  const failed = checks.filter(({ passed }) => !passed);
  const isCut = wish.quantity !== undefined && compare(preview.quantity, wish.quantity) !== 0;
  const share = size === null ? null : shareAtStop(preview.risk, equity);
  const less = preview.would === "pass" ? lessWords(wish, share) : "";
  return (
    <div className={`${classes.estimate} ${isOld ? classes.asking : ""}`} aria-busy={isOld}>
      {wish.risk_share && (
        <p className={classes.size} aria-live="polite">
          Comes to <strong>{isOld ? "…" : size === null ? "no size" : lotWords(size)}</strong>
        </p>
      )}
      <details className={classes.details} open={(!isOld && failed.length > 0) || undefined}>
        <summary aria-live="polite">
          <Would preview={preview} failed={failed} isOld={isOld} />
        </summary>
        <Checks checks={checks} currency={preview.currency} />
      </details>
      {size !== null && <Facts preview={preview} share={share} />}
      {!isOld && preview.would === "pass" && <Left checks={preview.checks} currency={preview.currency} />}
      {!isOld && preview.would === "pass" && isCut && (
        <p className={classes.cut}>Would be cut to {lots(preview.quantity)} lots by sizing.</p>
      )}
      {!isOld && less && <p className={classes.cut}>{less}</p>}
    </div>
  );
});

const AT_STOP = "Risk at stop";

/** What the order would be counted at, take and lose at its stop loss. */
function Facts({ preview, share }: { preview: Preview; share: number | null }) {
  const facts: [string, string][] = [
    ["Value", money(preview.value)],
    ["Margin", money(preview.margin)],
    ["Margin free after", money(preview.margin_free_after)],
    [AT_STOP, money(preview.risk)],
  ];
  return (
    <dl className={classes.facts}>
      <div>
        <dt>Counted at most at</dt>
        <dd>{decimal(preview.price)}</dd>
      </div>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value}
            {value !== "–" && <span className={classes.unit}> {preview.currency}</span>}
            {name === AT_STOP && share !== null && `· ${percent(share)}`}
          </dd>
        </div>
      ))}
    </dl>
  );
}

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
