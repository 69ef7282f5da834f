/** Small pieces that table, cards and page of an agent share. */

import { deskTime, useClock } from "@/api/clock";
import type { Agent } from "@/api/shapes";
import { age, percent, ratio, signOf, words } from "@/ui/format";
import { useNow } from "@/ui/now";
import { Pill, type Tone } from "@/ui/Pill";
import classes from "./agents.module.css";

export function KindPill({ kind }: { kind: string }) {
  return (
    <Pill
      tone={kind === "learned" ? "info" : "plain"}
      title={kind === "learned" ? "Trained here by PPO" : "A fixed rule"}
    >
      {kind === "learned" ? "Learned" : "Rule"}
    </Pill>
  );
}

const STAGE_TONES: Record<string, Tone> = { live: "bad", shadow: "info" };

export function StagePill({ stage }: { stage: string }) {
  return <Pill tone={STAGE_TONES[stage] ?? "plain"}>{words(stage)}</Pill>;
}

type Standing = Pick<Agent, "state" | "state_reason" | "stage" | "training" | "version">;

/** What the agent does now, in a word. */
export function standingOf(agent: Standing): { word: string; tone: Tone } {
  if (agent.state === "paused") return { word: "paused", tone: "alert" };
  if (!agent.version || agent.stage === "research") return { word: "not trading", tone: "plain" };
  if (agent.stage === "retired") return { word: "retired", tone: "plain" };
  return { word: agent.state, tone: "good" };
}

export function StatePill({ agent }: { agent: Standing }) {
  const { word, tone } = standingOf(agent);
  if (tone === "good")
    return (
      <span className={classes.calm}>
        <i aria-hidden="true" />
        {word}
      </span>
    );
  return (
    <Pill tone={tone} title={agent.state_reason || undefined} dot>
      {word}
    </Pill>
  );
}

/** The net return after costs beside an idle account's, with an arrow for those who do not see the colour. */
export function AgainstNothing({ agent: { evaluation: scores, kind } }: { agent: Pick<Agent, "evaluation" | "kind"> }) {
  const agent = scores?.agent;
  if (!agent && kind !== "learned") return <span className={classes.soft}>–</span>;
  if (!agent) return <span className={classes.soft}>not evaluated</span>;
  const ahead = agent.net_return - (scores?.flat?.net_return ?? 0);
  const sign = signOf(ahead);
  const told =
    sign > 0 ? "better than doing nothing" : sign < 0 ? "worse than doing nothing" : "no better than doing nothing";
  return (
    <span className={classes.against} title={`${percent(agent.net_return, 2, true)} net of costs: ${told}`}>
      <span className={sign > 0 ? classes.up : sign < 0 ? classes.down : undefined}>
        <span aria-hidden="true">{sign > 0 ? "▲" : sign < 0 ? "▼" : "="}</span> {percent(agent.net_return, 2, true)}
      </span>
      <span className={classes.soft}>Sharpe {ratio(agent.sharpe)}</span>
      <span className={classes.hidden}>, {told}</span>
    </span>
  );
}

/** How long ago, on the desk's own clock, the bar of the last signal closed. */
export function LastSignal({ at }: { at: string | null }) {
  const now = useNow(1000);
  const clock = useClock();
  if (!at) return <span className={classes.soft}>none yet</span>;
  return (
    <time dateTime={at} title={`${at.slice(0, 19).replace("T", " ")} UTC`}>
      {age((clock ? deskTime(clock, now) : now) - Date.parse(at))}
    </time>
  );
}
