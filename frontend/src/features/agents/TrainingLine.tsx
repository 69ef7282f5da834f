import type { TrainingRun } from "@/api/shapes";
import classes from "./agents.module.css";
import { doingNow, shareDone, timeLeft, whereItIs } from "./progress";
import { useRun } from "./reading";

/** A training under way in one line: bar, seed, steps, time left. */
export function TrainingLine({ run: given }: { run: TrainingRun }) {
  const run = useRun(given) ?? given;
  const isQueued = run.status === "queued";
  const done = isQueued ? 0 : Math.round(shareDone(run.progress) * 100);
  const left = timeLeft(run.progress.left_s);
  return (
    <div className={classes.training}>
      <span className={classes.trainingWord}>
        {doingNow(run)} {isQueued ? "" : `${done} %`}
      </span>
      <span
        className={classes.bar}
        role="progressbar"
        aria-label={`Training of ${run.agent}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={done}
      >
        <i style={{ width: `${done}%` }} />
      </span>
      <span className={classes.soft}>
        {isQueued ? "the trainer takes it as soon as it is free" : whereItIs(run.progress)}
        {left && !isQueued ? ` · ${left}` : ""}
      </span>
    </div>
  );
}
