import { Button } from "@mantine/core";
import type { AgentDetail, TrainingRun } from "@/api/shapes";
import { SeedCurves } from "@/ui/curves/SeedCurves";
import { dateTime } from "@/ui/format";
import { Panel } from "@/ui/Panel";
import { Pill, type Tone } from "@/ui/Pill";
import { Empty } from "@/ui/States";
import { useRestart } from "./acting";
import classes from "./agents.module.css";
import { grouped } from "./progress";

const STATUS: Record<TrainingRun["status"], Tone> = {
  queued: "plain",
  running: "info",
  done: "good",
  failed: "bad",
  cancelled: "warn",
  interrupted: "alert",
};

const STOPPED: ReadonlySet<string> = new Set(["failed", "cancelled", "interrupted"]);

/** Every training of the agent, the newest first, with what went wrong. */
export function Runs({ agent }: { agent: AgentDetail }) {
  const newest = agent.runs[0]?.id;
  const mayTrain = agent.rights.includes("agent.train");
  return (
    <Panel title="Training runs">
      {agent.runs.length === 0 ? (
        <Empty title="Never trained" />
      ) : (
        <ul className={classes.rows}>
          {agent.runs.map((run) => (
            <RunRow key={run.id} run={run} mayRestart={run.id === newest && mayTrain} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

export function RunRow({ run, mayRestart = false }: { run: TrainingRun; mayRestart?: boolean }) {
  const { seeds, steps } = run.config as { seeds?: number; steps?: number };
  const hasCurve = (run.progress.curve ?? []).some((curve) => curve.length > 1);
  return (
    <li className={classes.run}>
      <div className={classes.runHead}>
        <strong>Run {run.id}</strong>
        <Pill tone={STATUS[run.status] ?? "plain"}>{run.status}</Pill>
        <span className={classes.soft}>
          {dateTime(run.started_at ?? run.created_at, { seconds: false })} UTC{tookOf(run)} · by {run.requested_by}
        </span>
      </div>
      <div className={classes.soft}>
        {seeds ?? run.progress.seeds ?? "?"} seeds × {grouped(steps ?? run.progress.steps ?? 0)} steps
        {run.version_name ? ` · gave ${run.version_name}` : ""}
        {run.deploy ? (run.status === "done" ? " · deployed" : " · to be deployed when done") : ""}
        {run.restart_of ? ` · again after run ${run.restart_of}` : ""}
      </div>
      {run.error && <p className={classes.fault}>{run.error}</p>}
      {mayRestart && STOPPED.has(run.status) && <RestartButton run={run} />}
      {hasCurve && (
        <details className={classes.fold}>
          <summary>Reward while learning</summary>
          <SeedCurves
            curves={run.progress.curve ?? []}
            steps={steps ?? run.progress.steps ?? 0}
            label={`Reward of run ${run.id}`}
          />
        </details>
      )}
    </li>
  );
}

function RestartButton({ run }: { run: TrainingRun }) {
  const restart = useRestart(run);
  return (
    <div className={classes.restart}>
      <Button size="compact-xs" variant="default" loading={restart.isPending} onClick={() => restart.mutate()}>
        Train again
      </Button>
      <span className={restart.error ? classes.fault : classes.soft}>
        {restart.error?.message ?? "Seeds that it finished are taken over."}
      </span>
    </div>
  );
}

function tookOf({ started_at, finished_at }: TrainingRun): string {
  if (!started_at || !finished_at) return "";
  const seconds = Math.round((Date.parse(finished_at) - Date.parse(started_at)) / 1000);
  return seconds < 120 ? `, took ${seconds} s` : `, took ${Math.round(seconds / 60)} min`;
}
