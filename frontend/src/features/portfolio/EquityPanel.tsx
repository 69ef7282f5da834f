import { useQuery } from "@tanstack/react-query";
import { memo, type ReactNode, useMemo } from "react";
import type { AccountCurve } from "@/api/shapes";
import { EquityCurve } from "@/ui/curves/EquityCurve";
import { decimal, percent } from "@/ui/format";
import { Panel } from "@/ui/Panel";
import { Answered, Empty } from "@/ui/States";
import { curveQuery, useAccount } from "./account";
import { headroom, levelName, NEAR, seriesOf } from "./drawdown";
import classes from "./EquityPanel.module.css";

/** Equity, and how far it hangs below its highest, against the lines at which the breaker trips. */
export function EquityPanel({
  account,
  title = "Equity and drawdown",
  className,
  height = 90,
  stale,
}: {
  account: string;
  title?: ReactNode;
  className?: string;
  height?: number;
  stale?: string | false;
}) {
  const query = useQuery(curveQuery(account));
  return (
    <Panel title={title} className={className} stale={query.isError ? "not renewed" : stale}>
      <Answered query={query} what="seeing this account">
        {(curve) =>
          curve.points.length < 2 ? (
            <Empty title="No history yet" hint="Equity is written down every few seconds." />
          ) : (
            <>
              <Headroom account={account} />
              <Curve curve={curve} height={height} />
            </>
          )
        }
      </Answered>
    </Panel>
  );
}

/** How far the drawdown of now is from each line: the picture shows only those that it came near to. */
function Headroom({ account: slug }: { account: string }) {
  const account = useAccount(slug)?.data;
  if (!account || account.drawdown === null) return null;
  const rooms = headroom(account.drawdown, account.breaker.thresholds);
  return (
    <p className={classes.headroom}>
      Drawdown <strong>{percent(account.drawdown)}</strong>
      {rooms.map(({ line, left, name }) => (
        <span key={line} data-near={left <= NEAR * line}>
          {left > 0 ? `${percent(left, 1)} to ${name} at ${percent(line, 0)}` : `past ${name} at ${percent(line, 0)}`}
        </span>
      ))}
    </p>
  );
}

const Curve = memo(function Curve({ curve, height }: { curve: AccountCurve; height: number }) {
  const { equity, low, high, drawdown } = useMemo(() => seriesOf(curve), [curve]);
  const limits = useMemo(
    () => curve.limits.map((share, index) => ({ value: share, label: `${percent(share, 0)} ${levelName(index)}` })),
    [curve],
  );
  return (
    <EquityCurve
      title="Equity of the account with its drawdown"
      height={height}
      format={whole}
      series={[
        {
          key: "equity",
          label: "Equity",
          points: equity,
          stroke: "main",
          band: { low, high, label: "low to high" },
        },
      ]}
      drawdown={[{ key: "equity", label: "Drawdown", points: drawdown, stroke: "main" }]}
      limits={limits}
    />
  );
});

const whole = (value: number) => decimal(value.toFixed(0));
