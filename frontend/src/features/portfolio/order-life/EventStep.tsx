import { lotWords, trimmed } from "@/ui/figures";
import { signedMoney, words } from "@/ui/format";
import classes from "./order-life.module.css";
import { TimelineItem } from "./TimelineItem";
import type { Step } from "./timeline";

/** What the broker or the desk did to the order; a fill with its price and costs. */
export function EventStep({ step, currency }: { step: Step; currency: string }) {
  const facts = step.facts.filter(([name]) => !(step.fill && FILL_FACTS.has(name)));
  const hasMoved = step.from && step.to && step.from !== step.to;
  return (
    <TimelineItem
      at={step.at}
      gap_ms={step.gap_ms}
      title={step.title}
      tone={step.tone}
      aside={hasMoved ? `${words(step.from)} → ${words(step.to)}` : undefined}
    >
      {step.text && step.kind !== "denied" && <p className={classes.line}>{step.text}</p>}
      {step.fill && <FillFacts fill={step.fill} currency={currency} />}
      {facts.length > 0 && (
        <details className={classes.fold}>
          <summary>Details</summary>
          <dl className={classes.observation}>
            {facts.map(([name, value]) => (
              <div key={name}>
                <dt>{words(name)}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </TimelineItem>
  );
}

const FILL_FACTS: ReadonlySet<string> = new Set(["execution", "quantity", "price", "cash"]);

function FillFacts({ fill, currency }: { fill: NonNullable<Step["fill"]>; currency: string }) {
  const costs = [
    ["Profit", fill.profit],
    ["Commission", fill.commission],
    ["Swap", fill.swap],
  ] as const;
  return (
    <p className={classes.fill}>
      <strong>
        {lotWords(fill.quantity)} at {trimmed(fill.price)}
      </strong>
      {costs
        .filter(([, value]) => value && Number(value) !== 0)
        .map(([name, value]) => (
          <span key={name}>
            {name} {signedMoney(value)} {currency}
          </span>
        ))}
    </p>
  );
}
