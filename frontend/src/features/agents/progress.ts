/** What a training run's progress means: shares, words and lines. */

import type { TrainingRun } from "@/api/shapes";

type Progress = Partial<TrainingRun["progress"]>;

/** The part of all seeds' steps that is done, between 0 and 1. */
export function shareDone({ seed_index = 0, seeds = 0, step = 0, steps = 0 }: Progress): number {
  if (seeds <= 0 || steps <= 0) return 0;
  const done = (Math.min(seed_index, seeds) + Math.min(step / steps, 1)) / seeds;
  return Math.min(1, Math.max(0, done));
}

/** What a run under way is doing, in two or three words. */
export function doingNow(run: Pick<TrainingRun, "status" | "progress" | "cancel_requested">): string {
  if (run.cancel_requested) return "Stopping";
  if (run.status === "queued") return "Waiting to train";
  if (run.progress.stage) return run.progress.stage.charAt(0).toUpperCase() + run.progress.stage.slice(1);
  return "Training";
}

/** "seed 2 of 3, 31,000 of 60,000 steps"; the index counts from nought. */
export function whereItIs({ seed_index = 0, seeds = 0, step = 0, steps = 0 }: Progress): string {
  if (seeds <= 0) return "not started";
  const seed = Math.min(seed_index + 1, seeds);
  return `seed ${seed} of ${seeds}, ${grouped(step)} of ${grouped(steps)} steps`;
}

export function grouped(count: number): string {
  return count.toLocaleString("en-GB");
}

/** Time left in words; empty while nobody can tell. */
export function timeLeft(left_s: number | null | undefined): string {
  if (left_s === null || left_s === undefined || !Number.isFinite(left_s) || left_s < 0) return "";
  if (left_s < 1) return "a moment left";
  if (left_s < 60) return `about ${Math.ceil(left_s)} s left`;
  const minutes = Math.floor(left_s / 60);
  const seconds = Math.round((left_s % 60) / 5) * 5;
  if (minutes >= 60) return `about ${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
  return seconds === 0 || seconds === 60
    ? `about ${minutes + (seconds === 60 ? 1 : 0)} min left`
    : `about ${minutes} min ${seconds} s left`;
}

export function isUnderWay(run: Pick<TrainingRun, "status"> | null | undefined): boolean {
  const status = run?.status;
  return status === "queued" || status === "running";
}
