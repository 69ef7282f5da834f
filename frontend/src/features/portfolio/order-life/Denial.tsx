import type { Order } from "@/api/shapes";
import { checkName, measure } from "./checks";
import classes from "./order-life.module.css";
import { figure } from "./writing";

/** Why an order never left: every reason with what it would have been and what is allowed. */
export function Denial({ order, currency }: { order: Order; currency: string }) {
  const [first, ...others] = order.reasons;
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
          {others.map((reason) => (
            <li key={`${reason.check} ${reason.reason}`}>
              <strong>{checkName(reason.check)}</strong>
              {reason.text && `: ${reason.text}`}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Against({ reason, currency }: { reason: Order["reasons"][number]; currency: string }) {
  const bar = measure({ ...reason, passed: false });
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
          <dd>{figure(reason.value, reason.unit, currency)}</dd>
        </div>
        <div>
          <dt>{bar?.isFloor ? "At least" : "Allowed"}</dt>
          <dd>{figure(reason.limit, reason.unit, currency)}</dd>
        </div>
      </dl>
    </div>
  );
}
