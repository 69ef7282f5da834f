import type { AgentDetail } from "@/api/shapes";
import { Answered } from "@/ui/States";
import { AgentHead } from "./AgentHead";
import classes from "./agents.module.css";
import { Comparison } from "./Comparison";
import { Notes } from "./Notes";
import { Runs } from "./Runs";
import { useAgent } from "./reading";
import { Signals } from "./Signals";
import { TrainingPanel } from "./TrainingPanel";
import { Versions } from "./Versions";

/** One agent: what it is, how it learned, how it compares, and what it wants. */
export function AgentPage({ slug }: { slug: string }) {
  const { query, agent } = useAgent(slug);
  return (
    <div className={classes.page}>
      <Answered query={{ ...query, data: agent }} what="seeing this agent">
        {(one) => <AgentView agent={one} />}
      </Answered>
    </div>
  );
}

export function AgentView({ agent }: { agent: AgentDetail }) {
  const isLearned = agent.kind === "learned";
  return (
    <>
      <AgentHead agent={agent} />
      {agent.note && <Notes agents={[agent]} unnamed />}
      <div className={classes.columns}>
        <div className={classes.stack}>
          <TrainingPanel agent={agent} />
          <Comparison agent={agent} />
        </div>
        <div className={classes.stack}>
          <Signals slug={agent.slug} />
          <Versions agent={agent} />
          {isLearned && <Runs agent={agent} />}
        </div>
      </div>
    </>
  );
}
