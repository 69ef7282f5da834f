/** What the agents' pages read: REST once, the socket from then on. */

import { type QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { read } from "@/api/client";
import { useChannel } from "@/api/live";
import type { Agent, AgentDetail, Items, Page, Signal, TrainingRun } from "@/api/shapes";
import { isUnderWay } from "./progress";

export const agentsQuery = queryOptions({
  queryKey: ["agents"],
  queryFn: ({ signal }) => read<Agent[]>("/agents/", { signal }),
});

export const agentQuery = (slug: string) =>
  queryOptions({
    queryKey: ["agents", slug],
    queryFn: ({ signal }) => read<AgentDetail>("/agents/{slug}/", { path: { slug }, signal }),
  });

export const signalsQuery = (slug: string) =>
  queryOptions({
    queryKey: ["agents", slug, "signals"],
    queryFn: async ({ signal }) =>
      (await read<Page<Signal>>("/signals/", { query: { agent: slug, limit: 50 }, signal })).results,
  });

/** All agents a person may see; live as soon as the socket has told. */
export function useAgents() {
  const query = useQuery(agentsQuery);
  const channel = useChannel<Items<Agent>>("agents");
  return { query, agents: channel?.data?.items ?? query.data };
}

/** One agent, with all that its page shows; the channel sends the same body as REST. */
export function useAgent(slug: string) {
  const query = useQuery(agentQuery(slug));
  const channel = useChannel<AgentDetail>(`agent:${slug}`);
  const client = useQueryClient();
  const isRefused = channel?.state === "forbidden";
  useEffect(() => {
    // REST says why: a right that was taken away, or an agent that is not there.
    if (isRefused) void client.invalidateQueries({ queryKey: ["agents", slug], exact: true });
  }, [client, slug, isRefused]);
  return { query, agent: channel?.data ?? query.data };
}

export function useSignals(slug: string) {
  const query = useQuery(signalsQuery(slug));
  const channel = useChannel<Items<Signal>>(`signals:${slug}`);
  const live = channel?.data?.items;
  return { query, signals: live && live.length >= (query.data?.length ?? 0) ? live : joined(live, query.data) };
}

function joined(live: Signal[] | undefined, read: Signal[] | undefined): Signal[] | undefined {
  if (!live || !read) return live ?? read;
  const known = new Set(live.map((signal) => String(signal.id)));
  return [...live, ...read.filter((signal) => !known.has(String(signal.id)))];
}

/** A run with its newest progress while it is under way. */
export function useRun(run: TrainingRun | null): TrainingRun | null {
  const channel = useChannel<TrainingRun>(isUnderWay(run) && run ? `run:${run.id}` : null);
  const live = channel?.data;
  return live && live.id === run?.id ? live : run;
}

export function forgetAgent(client: QueryClient, slug: string): Promise<void> {
  return client.invalidateQueries({ queryKey: ["agents", slug] });
}
