/** What a person may do to an agent. Each answers with a problem when it is refused. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { write } from "@/api/client";
import type { Agent, TrainingRun } from "@/api/shapes";
import { forgetAgent } from "./reading";

export interface TrainingWish {
  steps: number;
  seeds: number;
  deploy: boolean;
}

export function usePauseOrResume(slug: string, verb: "pause" | "resume") {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) => write<Agent>(`/agents/{slug}/${verb}/`, { path: { slug }, body: { reason } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["agents"] }),
  });
}

export function useTrain(slug: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: TrainingWish) => write<TrainingRun>("/agents/{slug}/train/", { path: { slug }, body: wish }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["agents"] }),
  });
}

export function useCancelRun(run: Pick<TrainingRun, "id" | "agent">) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => write<TrainingRun>("/runs/{id}/cancel/", { path: { id: run.id } }),
    onSuccess: () => forgetAgent(client, run.agent),
  });
}

/** Ask again for a run that stopped early; the seeds that it finished are taken over. */
export function useRestart(run: Pick<TrainingRun, "id" | "agent">) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => write<TrainingRun>("/runs/{id}/restart/", { path: { id: run.id } }),
    onSuccess: () => forgetAgent(client, run.agent),
  });
}

export function useDeploy(slug: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: { version: number; reason: string }) =>
      write<Agent>("/agents/{slug}/deploy/", { path: { slug }, body: wish }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["agents"] }),
  });
}
