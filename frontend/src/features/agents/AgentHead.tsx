import { Link } from "@tanstack/react-router";
import type { AgentDetail } from "@/api/shapes";
import { dateTime, lots } from "@/ui/format";
import { Profit } from "@/ui/Num";
import { Fact } from "./AgentCards";
import classes from "./agents.module.css";
import { KindPill, LastSignal, StagePill, StatePill } from "./cells";
import { StaleMark } from "./StaleMark";
import { SwitchButton } from "./SwitchButton";
import { TrainButton } from "./TrainButton";

export function AgentHead({ agent }: { agent: AgentDetail }) {
  return (
    <header className={classes.agentHead}>
      <nav aria-label="Breadcrumb" className={classes.crumbs}>
        <Link to="/agents">Agents</Link> <span aria-hidden="true">/</span>
      </nav>
      <div className={classes.titleRow}>
        <h1>{agent.name}</h1>
        <StatePill agent={agent} />
        <StagePill stage={agent.stage} />
        <KindPill kind={agent.kind} />
        <StaleMark />
        <span className={classes.headActions}>
          <SwitchButton agent={agent} rights={agent.rights} size="xs" />
          <TrainButton agent={agent} />
        </span>
      </div>
      {agent.state_reason && agent.state !== "active" && <p className={classes.reason}>{agent.state_reason}</p>}
      <dl className={classes.headFacts}>
        <Fact name="Instrument">
          {agent.instrument} {agent.timeframe}
        </Fact>
        <Fact name="Account">{agent.account}</Fact>
        <Fact name="Version">{agent.version || "none yet"}</Fact>
        {agent.kind === "learned" && (
          <Fact name="Trained">
            {agent.trained_at ? `${dateTime(agent.trained_at, { year: true, seconds: false })} UTC` : "never"}
          </Fact>
        )}
        <Fact name="Position">{lots(agent.position, true)} lots</Fact>
        <Fact name="Day P&L">
          <Profit value={agent.day_profit} />
        </Fact>
        <Fact name="Orders today">{agent.orders_today}</Fact>
        <Fact name="Last signal">
          <LastSignal at={agent.last_signal_at} />
        </Fact>
      </dl>
    </header>
  );
}
