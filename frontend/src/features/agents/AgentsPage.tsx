import { useState } from "react";
import { useSession } from "@/api/session";
import type { Agent } from "@/api/shapes";
import { useIsPhone } from "@/ui/phone";
import { Answered, Empty } from "@/ui/States";
import { AgentCards } from "./AgentCards";
import { AgentsTable } from "./AgentsTable";
import classes from "./agents.module.css";
import { Filters } from "./Filters";
import { type Choice, chosen, EVERYTHING, type Order, sorted } from "./listing";
import { Notes } from "./Notes";
import { isUnderWay } from "./progress";
import { useAgents } from "./reading";
import { StaleMark } from "./StaleMark";

/** Every agent that the person may see. */
export function AgentsPage() {
  const { query, agents } = useAgents();
  return (
    <div className={classes.page}>
      <Answered query={{ ...query, data: agents }} what="seeing agents">
        {(rows) => <Agents agents={rows} />}
      </Answered>
    </div>
  );
}

export function Agents({ agents }: { agents: readonly Agent[] }) {
  const [choice, setChoice] = useState<Choice>(EVERYTHING);
  const [order, setOrder] = useState<Order>({ by: "kind", down: false });
  const rights = useSession()?.agents_rights ?? {};
  const isPhone = useIsPhone();
  const rows = sorted(chosen(agents, choice), order);
  const List = isPhone ? AgentCards : AgentsTable;
  return (
    <>
      <header className={classes.head}>
        <h1>Agents</h1>
        <p className={classes.soft}>{countsOf(agents)}</p>
        <StaleMark />
        <Filters agents={agents} choice={choice} onChange={setChoice} />
      </header>
      <Notes agents={agents} />
      {rows.length > 0 ? (
        <section className={isPhone ? undefined : classes.panel} aria-label="Agents">
          <List agents={rows} order={order} rightsOf={(slug) => rights[slug] ?? []} onOrder={setOrder} />
        </section>
      ) : (
        <section className={classes.panel}>
          {agents.length === 0 ? (
            <Empty title="No agents yet" hint="An agent appears here once it is made, or once you may see it." />
          ) : (
            <Empty title="No agent fits the filters" hint="Widen or clear them to see the others." />
          )}
        </section>
      )}
    </>
  );
}

export function countsOf(agents: readonly Agent[]): string {
  const count = (test: (agent: Agent) => boolean) => agents.filter(test).length;
  const learned = count((agent) => agent.kind === "learned");
  const training = count((agent) => isUnderWay(agent.training));
  const paused = count((agent) => agent.state === "paused");
  const parts = [`${agents.length - learned} by rules`, `${learned} learned`];
  if (training > 0) parts.push(`${training} in training`);
  if (paused > 0) parts.push(`${paused} paused`);
  return parts.join(" · ");
}
