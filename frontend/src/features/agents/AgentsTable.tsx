import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import type { Agent } from "@/api/shapes";
import { lots } from "@/ui/format";
import { Profit } from "@/ui/Num";
import classes from "./agents.module.css";
import { AgainstNothing, KindPill, LastSignal, StagePill, StatePill } from "./cells";
import { type Column, type Order, pressed } from "./listing";
import { isUnderWay } from "./progress";
import { SwitchButton } from "./SwitchButton";
import { TrainingLine } from "./TrainingLine";

export interface AgentsListProps {
  agents: readonly Agent[];
  order: Order;
  rightsOf: (slug: string) => readonly string[];
  onOrder: (order: Order) => void;
}

const HEADS: readonly { by: Column; label: string; numeric?: boolean }[] = [
  { by: "name", label: "Agent" },
  { by: "instrument", label: "Instrument" },
  { by: "kind", label: "Kind" },
  { by: "stage", label: "Stage" },
  { by: "state", label: "State" },
  { by: "position", label: "Position, lots", numeric: true },
  { by: "day_profit", label: "Day P&L", numeric: true },
  { by: "orders_today", label: "Orders today", numeric: true },
  { by: "last_signal_at", label: "Last signal", numeric: true },
  { by: "evaluation", label: "Evaluated, net of costs", numeric: true },
];

export function AgentsTable({ agents, order, rightsOf, onOrder }: AgentsListProps) {
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <caption className={classes.hidden}>Agents, sorted by {order.by.replaceAll("_", " ")}</caption>
        <thead>
          <tr>
            {HEADS.map(({ by, label, numeric }) => (
              <th
                key={by}
                scope="col"
                className={numeric ? classes.numeric : undefined}
                aria-sort={order.by === by ? (order.down ? "descending" : "ascending") : undefined}
              >
                <button type="button" className={classes.sort} onClick={() => onOrder(pressed(order, by))}>
                  {label}
                  <span aria-hidden="true">{order.by === by ? (order.down ? " ↓" : " ↑") : ""}</span>
                </button>
              </th>
            ))}
            <th scope="col">
              <span className={classes.hidden}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {agents.map((agent) => (
            <Fragment key={agent.slug}>
              <AgentRow agent={agent} rights={rightsOf(agent.slug)} />
              {agent.training && isUnderWay(agent.training) && (
                <tr className={classes.trainingRow}>
                  <td colSpan={HEADS.length + 1}>
                    <TrainingLine run={agent.training} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function AgentRow({ agent, rights }: { agent: Agent; rights: readonly string[] }) {
  const isTraining = isUnderWay(agent.training);
  return (
    <tr className={isTraining ? classes.joined : undefined}>
      <th scope="row">
        <Link to="/agents/$slug" params={{ slug: agent.slug }} className={classes.name}>
          {agent.name}
        </Link>
        <span className={classes.version}>{agent.version || "no version"}</span>
      </th>
      <td>
        {agent.instrument} <span className={classes.soft}>{agent.timeframe}</span>
      </td>
      <td>
        <KindPill kind={agent.kind} />
      </td>
      <td>
        <StagePill stage={agent.stage} />
      </td>
      <td>
        <StatePill agent={agent} />
      </td>
      <td className={classes.numeric}>{lots(agent.position, true)}</td>
      <td className={classes.numeric}>
        <Profit value={agent.day_profit} />
      </td>
      <td className={classes.numeric}>{agent.orders_today}</td>
      <td className={classes.numeric}>
        <LastSignal at={agent.last_signal_at} />
      </td>
      <td className={classes.numeric}>
        <AgainstNothing agent={agent} />
      </td>
      <td className={classes.numeric}>
        <SwitchButton agent={agent} rights={rights} />
      </td>
    </tr>
  );
}
