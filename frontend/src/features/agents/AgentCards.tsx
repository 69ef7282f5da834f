import { NativeSelect } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Agent } from "@/api/shapes";
import { lots } from "@/ui/format";
import { Profit } from "@/ui/Num";
import type { AgentsListProps } from "./AgentsTable";
import classes from "./agents.module.css";
import { AgainstNothing, KindPill, LastSignal, StagePill, StatePill } from "./cells";
import { type Column, pressed } from "./listing";
import { isUnderWay } from "./progress";
import { SwitchButton } from "./SwitchButton";
import { TrainingLine } from "./TrainingLine";

const ORDERS: { value: Column; label: string }[] = [
  { value: "kind", label: "learned first" },
  { value: "name", label: "by name" },
  { value: "instrument", label: "by instrument" },
  { value: "day_profit", label: "by day P&L" },
  { value: "orders_today", label: "by orders today" },
  { value: "last_signal_at", label: "by last signal" },
  { value: "evaluation", label: "by evaluation" },
];

/** The same as the table, one card an agent, for narrow screens. */
export function AgentCards({ agents, order, rightsOf, onOrder }: AgentsListProps) {
  return (
    <>
      <NativeSelect
        className={classes.cardOrder}
        size="xs"
        aria-label="Sort the agents"
        data={ORDERS}
        value={order.by}
        onChange={(event) => onOrder(pressed({ by: "name", down: false }, event.currentTarget.value as Column))}
      />
      <ul className={classes.cards}>
        {agents.map((agent) => (
          <AgentCard key={agent.slug} agent={agent} rights={rightsOf(agent.slug)} />
        ))}
      </ul>
    </>
  );
}

function AgentCard({ agent, rights }: { agent: Agent; rights: readonly string[] }) {
  return (
    <li className={classes.card}>
      <div className={classes.cardHead}>
        <Link to="/agents/$slug" params={{ slug: agent.slug }} className={classes.name}>
          {agent.name}
        </Link>
        <StatePill agent={agent} />
        <SwitchButton agent={agent} rights={rights} />
      </div>
      <div className={classes.cardTags}>
        <span>
          {agent.instrument} <span className={classes.soft}>{agent.timeframe}</span>
        </span>
        <KindPill kind={agent.kind} />
        <StagePill stage={agent.stage} />
        <span className={classes.version}>{agent.version || "no version"}</span>
      </div>
      {agent.training && isUnderWay(agent.training) && <TrainingLine run={agent.training} />}
      <dl className={classes.facts}>
        <Fact name="Position">{lots(agent.position, true)} lots</Fact>
        <Fact name="Day P&L">
          <Profit value={agent.day_profit} />
        </Fact>
        <Fact name="Orders today">{agent.orders_today}</Fact>
        <Fact name="Last signal">
          <LastSignal at={agent.last_signal_at} />
        </Fact>
        {agent.kind === "learned" && (
          <Fact name="Evaluated, net">
            <AgainstNothing agent={agent} />
          </Fact>
        )}
      </dl>
    </li>
  );
}

export function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
