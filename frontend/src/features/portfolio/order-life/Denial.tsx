import type { Order } from "@/api/shapes";
import { apartWords, currencyOf } from "@/ui/apart";
import { checkName } from "@/ui/checkNames";
import { figure } from "@/ui/figures";
import { measure } from "./checks";
import classes from "./order-life.module.css";

type Reason = Order["reasons"][number];

/** Reasons that follow from a missing price say less than the one that tells why it is missing. */
const FOLLOWING: ReadonlySet<string> = new Set(["no_mark", "no_rate"]);

/** The reason to tell first, and the others by their words: ten checks that miss one price are one sentence. */
export function ranked(reasons: readonly Reason[]): { first: Reason | undefined; others: [string, Reason[]][] } {
  const first = reasons.find((reason) => !FOLLOWING.has(reason.reason)) ?? reasons[0];
  const byText = new Map<string, Reason[]>();
  for (const reason of reasons) {
    if (reason !== first) byText.set(reason.text, [...(byText.get(reason.text) ?? []), reason]);
  }
  return { first, others: [...byText] };
}

/** Why an order never left: every reason with what it would have been and what is allowed. */
export function Denial({ order, currency }: { order: Order; currency: string }) {
  const { first, others } = ranked(order.reasons);
  return (
    <section className={classes.denial} aria-label="Why it was denied">
      <p className={classes.denialOver}>Denied by risk before it was sent</p>
      <h2>
        <span aria-hidden="true">✕</span> {first ? checkName(first.check) : "Denied by risk"}
      </h2>
      {first?.text && <p className={classes.denialText}>{first.text}</p>}
      {first && <Against reason={first} currency={currency} />}
      {others.length > 0 && (
        <ul>
          {others.map(([text, reasons]) => (
            <li key={text}>
              {text ? `${text}: ` : ""}
              <span className={classes.denialChecks}>
                {reasons.map((reason) => checkName(reason.check)).join(" · ")}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Against({ reason, currency }: { reason: Reason; currency: string }) {
  const failed = { ...reason, passed: false };
  const bar = measure(failed);
  const money = currencyOf(failed, currency);
  const apart = apartWords(failed, currency);
  if (reason.value === null || reason.limit === null) return null;
  return (
    <div className={classes.against}>
      {bar && (
        <span className={classes.track} data-passed="false" aria-hidden="true">
          <i style={{ width: `${bar.fill * 100}%` }} />
          <b style={{ left: `${bar.mark * 100}%` }} />
        </span>
      )}
      <dl>
        <div>
          <dt>Would be</dt>
          <dd>{figure(reason.value, reason.unit, money)}</dd>
        </div>
        <div>
          <dt>{bar?.isFloor ? "At least" : "Allowed"}</dt>
          <dd>{figure(reason.limit, reason.unit, money)}</dd>
        </div>
        {apart && (
          <div>
            <dt>Apart</dt>
            <dd>{apart}</dd>
          </div>
        )}
      </dl>
    </div>
  );
}
