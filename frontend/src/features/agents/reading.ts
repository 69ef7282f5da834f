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
  const isLive = channel?.state === "live" && channel.data !== undefined;
  return { query, agents: (isLive ? channel.data?.items : undefined) ?? query.data, channel };
}

/** What an agent's channel may say newer than its page: everything but its evaluation, whose shape differs. */
const LIVE_FIELDS = [
  "stage",
  "state",
  "state_reason",
  "version",
  "trained_at",
  "position",
  "day_profit",
  "orders_today",
  "last_signal_at",
  "training",
  "note",
] as const satisfies readonly (keyof Agent & keyof AgentDetail)[];

export function withLive(detail: AgentDetail, live: Partial<Agent> | undefined): AgentDetail {
  if (!live) return detail;
  const newer = LIVE_FIELDS.filter((field) => live[field] !== undefined).map((field) => [field, live[field]]);
  return { ...detail, ...Object.fromEntries(newer) };
}

/** One agent; read again when it trains, has trained or runs another version. */
export function useAgent(slug: string) {
  const query = useQuery(agentQuery(slug));
  const channel = useChannel<Partial<Agent>>(`agent:${slug}`);
  const live = channel?.state === "live" ? channel.data : undefined;
  const client = useQueryClient();
  const mark = live && `${live.version}|${live.training?.id ?? ""}|${live.training?.status ?? ""}|${live.trained_at}`;
  useEffect(() => {
    if (mark) void client.invalidateQueries({ queryKey: ["agents", slug], exact: true });
  }, [client, slug, mark]);
  return { query, agent: query.data && withLive(query.data, live), channel };
}

export function useSignals(slug: string) {
  const query = useQuery(signalsQuery(slug));
  const channel = useChannel<Items<Signal>>(`signals:${slug}`);
  const live = channel?.state === "live" ? channel.data?.items : undefined;
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
  const live = channel?.state === "live" ? channel.data : undefined;
  return live && live.id === run?.id ? live : run;
}

export function forgetAgent(client: QueryClient, slug: string): Promise<void> {
  return client.invalidateQueries({ queryKey: ["agents", slug] });
}
