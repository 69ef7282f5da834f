import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { AccountCurve } from "@/api/shapes";
import { EquityCurve } from "@/ui/curves/EquityCurve";
import type { Point } from "@/ui/curves/series";
import { decimal } from "@/ui/format";
import { Panel } from "@/ui/Panel";
import { Answered, Empty } from "@/ui/States";
import { curveQuery } from "./account";

const NAMES = ["warning", "reducing", "halted"];

/** Equity, and how far it hangs below its highest, against the lines at which the breaker trips. */
export function EquityPanel({
  account,
  className,
  height = 110,
}: {
  account: string;
  className?: string;
  height?: number;
}) {
  const query = useQuery(curveQuery(account));
  return (
    <Panel title="Equity and drawdown" className={className}>
      <Answered query={query} what="seeing this account">
        {(curve) =>
          curve.points.length < 2 ? (
            <Empty title="No history yet" hint="Equity is written down every few seconds." />
          ) : (
            <Curve curve={curve} height={height} />
          )
        }
      </Answered>
    </Panel>
  );
}

function Curve({ curve, height }: { curve: AccountCurve; height: number }) {
  const { equity, low, high, drawdown } = useMemo(() => seriesOf(curve), [curve]);
  return (
    <EquityCurve
      title="Equity of the account with its drawdown"
      height={height}
      format={(value) => decimal(value.toFixed(0))}
      series={[
        {
          key: "equity",
          label: "Equity",
          points: equity,
          stroke: "main",
          band: { low, high, label: "lowest and highest" },
        },
      ]}
      drawdown={[{ key: "equity", label: "Drawdown", points: drawdown, stroke: "main" }]}
      limits={curve.limits.map((share, index) => ({ value: share, label: `${share * 100} % ${NAMES[index] ?? ""}` }))}
    />
  );
}

/** Curves for the picture; the drawdown is counted from the highest equity so far. */
export function seriesOf(curve: AccountCurve): Record<"equity" | "low" | "high" | "drawdown", Point[]> {
  let peak = Number(curve.base);
  const made: Record<"equity" | "low" | "high" | "drawdown", Point[]> = { equity: [], low: [], high: [], drawdown: [] };
  for (const point of curve.points) {
    const at = Date.parse(point.at) / 1000;
    const [mean, low, high] = [Number(point.mean), Number(point.low), Number(point.high)];
    peak = Math.max(peak, high);
    made.equity.push([at, mean]);
    made.low.push([at, low]);
    made.high.push([at, high]);
    made.drawdown.push([at, peak > 0 ? Math.min(0, low / peak - 1) : 0]);
  }
  return made;
}
