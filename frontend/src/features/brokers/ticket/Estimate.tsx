import type { Preview } from "@/api/shapes";
import { decimal, lots, money } from "@/ui/format";
import { Checks } from "./Checks";
import classes from "./OrderTicket.module.css";

interface EstimateProps {
  preview: Preview | undefined;
  error: Error | null;
  isAsking: boolean;
  asked: string;
}

/** What the desk says of the order before it is sent. */
export function Estimate({ preview, error, isAsking, asked }: EstimateProps) {
  if (error) return <p className={classes.hint}>No preview: {error.message}</p>;
  if (!preview) {
    return (
      <p className={classes.hint}>
        {isAsking ? "Asking the desk what it would say" : "Margin, risk and checks appear here."}
      </p>
    );
  }
  const failed = preview.checks.filter(({ passed }) => !passed).length;
  const isCut = preview.would === "pass" && Number(preview.quantity) !== Number(asked);
  const facts: [string, string][] = [
    ["Counted at most at", decimal(preview.price)],
    ["Value", money(preview.value)],
    ["Margin", money(preview.margin)],
    ["Margin free after", money(preview.margin_free_after)],
    ["Risk at stop", money(preview.risk)],
  ];
  return (
    <div className={`${classes.estimate} ${isAsking ? classes.asking : ""}`} aria-live="polite">
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
      {isCut && <p className={classes.cut}>Would be cut to {lots(preview.quantity)} lots by sizing.</p>}
      <details className={classes.details} open={failed > 0 || undefined}>
        <summary>
          {failed > 0 ? (
            <span className={classes.bad}>
              ✕ {failed === 1 ? "1 check would deny it" : `${failed} checks would deny it`}
            </span>
          ) : (
            <span className={classes.good}>✓ All {preview.checks.length} checks would pass</span>
          )}
        </summary>
        <Checks checks={preview.checks} />
      </details>
    </div>
  );
}
