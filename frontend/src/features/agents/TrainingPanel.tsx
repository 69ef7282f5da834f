import { Button } from "@mantine/core";
import { useState } from "react";
import type { AgentDetail, TrainingRun } from "@/api/shapes";
import { SeedCurves } from "@/ui/curves/SeedCurves";
import { Panel } from "@/ui/Panel";
import { useCancelRun } from "./acting";
import classes from "./agents.module.css";
import { doingNow, grouped, isUnderWay, shareDone, timeLeft, whereItIs } from "./progress";
import { useRun } from "./reading";

/** The training under way: how far it is, what it earns while learning, and a way to stop it. */
export function TrainingPanel({ agent }: { agent: AgentDetail }) {
  const run = useRun(agent.training);
  if (!run || !isUnderWay(run)) return null;
  return (
    <Panel
      title="Training"
      actions={agent.rights.includes("agent.train") && !run.cancel_requested && <CancelButton run={run} />}
    >
      <TrainingProgress run={run} />
    </Panel>
  );
}

export function TrainingProgress({ run }: { run: TrainingRun }) {
  const { progress } = run;
  const done = Math.round(shareDone(progress) * 100);
  const isQueued = run.status === "queued";
  const seeds = progress.seeds ?? Number(run.config.seeds ?? 0);
  const steps = progress.steps ?? Number(run.config.steps ?? 0);
  return (
    <div className={classes.progress}>
      <div className={classes.progressHead}>
        <strong>{isQueued ? doingNow(run) : `${doingNow(run)} ${done} %`}</strong>
        <span>{isQueued ? `${seeds} seeds of ${grouped(steps)} steps each` : whereItIs(progress)}</span>
        <span className={classes.soft}>{isQueued ? "" : timeLeft(progress.left_s)}</span>
      </div>
      <div
        className={classes.seedBars}
        role="progressbar"
        aria-label="Training"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={done}
        aria-valuetext={isQueued ? "waiting" : `${done} percent, ${whereItIs(progress)}`}
      >
        {Array.from({ length: Math.max(1, seeds) }, (_, seed) => (
          <span key={seed} className={classes.bar}>
            <i style={{ width: `${seedShare(run, seed) * 100}%` }} />
          </span>
        ))}
      </div>
      <p className={classes.soft}>
        Mean reward while learning.{" "}
        {run.deploy ? "The result goes to paper when it is done." : "The result is kept, not deployed."}
      </p>
      <SeedCurves curves={progress.curve ?? []} steps={steps} height={110} label="Mean reward by step" />
    </div>
  );
}

function seedShare({ progress, status }: TrainingRun, seed: number): number {
  const now = progress.seed_index ?? 0;
  if (status === "queued" || seed > now) return 0;
  return seed < now ? 1 : Math.min(1, (progress.step ?? 0) / (progress.steps || 1));
}

/** Asks once more: what was learned in this run is lost. */
function CancelButton({ run }: { run: TrainingRun }) {
  const [isAsking, setAsking] = useState(false);
  const cancel = useCancelRun(run);
  if (!isAsking)
    return (
      <Button size="compact-xs" variant="default" onClick={() => setAsking(true)}>
        Cancel training
      </Button>
    );
  return (
    <>
      <span className={classes.soft} role="status">
        {cancel.error ? cancel.error.message : "What this run learned is lost."}
      </span>
      <Button
        size="compact-xs"
        color="red"
        loading={cancel.isPending || cancel.isSuccess}
        onClick={() => cancel.mutate()}
      >
        Cancel it
      </Button>
      <Button size="compact-xs" variant="default" autoFocus onClick={() => setAsking(false)}>
        Go on
      </Button>
    </>
  );
}
