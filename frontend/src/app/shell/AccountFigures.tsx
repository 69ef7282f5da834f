import { Select } from "@mantine/core";
import { useStale } from "@/api/live";
import { useSession } from "@/api/session";
import type { Account } from "@/api/shapes";
import { money, percent } from "@/ui/format";
import { Profit } from "@/ui/Num";
import { useDesk } from "../desk";
import classes from "./TopBar.module.css";

export function AccountPicker() {
  const accounts = useSession()?.accounts ?? [];
  const { account, choose } = useDesk();
  if (accounts.length === 0) return <span className={classes.soft}>No account</span>;
  return (
    <Select
      size="xs"
      w={150}
      aria-label="Account"
      value={account}
      onChange={(slug) => slug && choose(slug)}
      data={accounts.map(({ slug, name }) => ({ value: slug, label: name }))}
      allowDeselect={false}
      comboboxProps={{ shadow: "md" }}
    />
  );
}

/** Equity, today's profit, and how near the drawdown is to the next line that trips the breaker. */
export function AccountFigures({ account }: { account: Account | undefined }) {
  const drawdown = account?.drawdown ?? 0;
  const next = account?.breaker.thresholds.find((share) => share > drawdown) ?? account?.breaker.thresholds.at(-1);
  const used = account && next ? Math.min(1, drawdown / next) : 0;
  const stale = useStale();
  const tone = used > 0.8 ? classes.near : "";
  return (
    <dl className={`${classes.figures} ${stale ? classes.stale : ""}`} title={stale ? `Not live: ${stale}` : undefined}>
      <div>
        <dt>Equity</dt>
        <dd>
          {money(account?.equity)} <span className={classes.soft}>{account?.currency}</span>
        </dd>
      </div>
      <div>
        <dt>Day</dt>
        <dd>
          <Profit value={account?.day_profit} />
        </dd>
      </div>
      <div>
        <dt>Drawdown</dt>
        <dd className={tone}>
          {percent(account?.drawdown)} <span className={classes.soft}>of {next ? percent(next, 0) : "–"}</span>
          <span className={classes.meter} aria-hidden="true">
            <span style={{ width: `${used * 100}%` }} />
          </span>
        </dd>
      </div>
    </dl>
  );
}
