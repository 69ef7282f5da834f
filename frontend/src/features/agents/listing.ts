/** Which agents the table shows, and in what order. */

import type { Agent } from "@/api/shapes";

type Listed = Agent;

export interface Choice {
  kind: string;
  instrument: string;
  state: string;
  words: string;
}

export const EVERYTHING: Choice = { kind: "", instrument: "", state: "", words: "" };

export function chosen<Row extends Listed>(agents: readonly Row[], choice: Choice): Row[] {
  const words = choice.words.trim().toLowerCase();
  return agents.filter(
    (agent) =>
      (!choice.kind || agent.kind === choice.kind) &&
      (!choice.instrument || agent.instrument === choice.instrument) &&
      (!choice.state || agent.state === choice.state) &&
      (!words || `${agent.name} ${agent.slug} ${agent.instrument}`.toLowerCase().includes(words)),
  );
}

export const COLUMNS = [
  "name",
  "instrument",
  "kind",
  "stage",
  "state",
  "position",
  "day_profit",
  "orders_today",
  "last_signal_at",
  "evaluation",
] as const;
export type Column = (typeof COLUMNS)[number];

export interface Order {
  by: Column;
  down: boolean;
}

type Key = string | number;

const NUMBERS: ReadonlySet<Column> = new Set(["position", "day_profit", "orders_today"]);

function keyOf(agent: Listed, by: Column): Key | null {
  if (by === "evaluation") return agent.evaluation?.agent?.net_return ?? null;
  const value = agent[by];
  if (value === null || value === undefined) return null;
  return NUMBERS.has(by) ? Number(value) : value;
}

/** Sort without touching the input. What has no value comes last in either direction; ties go by name. */
export function sorted<Row extends Listed>(agents: readonly Row[], { by, down }: Order): Row[] {
  return [...agents].sort((a, b) => {
    const left = keyOf(a, by);
    const right = keyOf(b, by);
    if (left === null || right === null) return (left === null ? 1 : 0) - (right === null ? 1 : 0) || byName(a, b);
    const order = left < right ? -1 : left > right ? 1 : 0;
    return (down ? -order : order) || byName(a, b);
  });
}

function byName(a: Listed, b: Listed): number {
  return a.name.localeCompare(b.name);
}

/** A column's next order when its heading is pressed: numbers begin with the largest. */
export function pressed(order: Order, by: Column): Order {
  if (order.by === by) return { by, down: !order.down };
  return { by, down: NUMBERS.has(by) || by === "evaluation" || by === "last_signal_at" };
}
