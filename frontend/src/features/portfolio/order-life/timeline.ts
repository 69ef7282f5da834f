/** The steps that an order went through, from its events and fills: what, when, and how long after the last. */

import type { Fill, OrderLife } from "@/api/shapes";

type LifeEvent = OrderLife["events"][number];

export type StepTone = "plain" | "good" | "bad" | "caution";

export interface Step {
  key: string;
  at: string;
  /** Milliseconds since the step before; null for the first. */
  gap_ms: number | null;
  kind: string;
  title: string;
  from: string;
  to: string;
  text: string;
  tone: StepTone;
  facts: [string, string][];
  fill: Fill | null;
}

const TITLES: Record<string, string> = {
  approved: "Approved by risk",
  denied: "Denied by risk",
  sending: "Sent to the broker",
  accepted: "Accepted by the broker",
  partially_filled: "Partly filled",
  filled: "Filled",
  fill: "Execution booked",
  cancel_pending: "Cancel asked for",
  replace_pending: "Change asked for",
  amend_sent: "Change sent to the broker",
  amend_not_sent: "Change not sent, back in line",
  amended: "Changed",
  amend_refused: "Change not made: the old terms stand",
  cancel_asked: "Cancel asked for while being changed",
  reason: "Reason given",
  cancelled: "Cancelled",
  rejected: "Rejected by the broker",
  expired: "Expired",
  unknown: "State unknown: the broker did not answer",
  absent: "The broker does not know this order",
  late_fill: "Filled after it had ended",
  overfill: "More filled than ordered",
  external: "Made outside this desk",
};

const TONES: Record<string, StepTone> = {
  filled: "good",
  partially_filled: "good",
  fill: "good",
  denied: "bad",
  rejected: "bad",
  overfill: "bad",
  unknown: "caution",
  absent: "bad",
  late_fill: "caution",
  expired: "caution",
  cancelled: "caution",
  amended: "good",
  amend_refused: "caution",
};

export function stepTitle(kind: string): string {
  return TITLES[kind] ?? sentence(kind);
}

export function sentence(words: string): string {
  const plain = words.replaceAll("_", " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** Steps oldest first. A fill stands at the event that booked it; one without an event follows at the end. */
export function stepsOf(events: readonly LifeEvent[], fills: readonly Fill[], since?: string | null): Step[] {
  const ordered = [...events].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const byId = new Map(fills.map((fill) => [fill.id, fill]));
  const taken = new Set<string>();
  let last = since ? Date.parse(since) : Number.NaN;
  const steps = ordered.map((event, place) => {
    const detail = factsOf(event.detail);
    const id = detail.find(([name]) => name === "execution")?.[1] ?? "";
    const fill = byId.get(id) ?? null;
    if (fill) taken.add(fill.id);
    const now = Date.parse(event.at);
    const gap_ms = Number.isFinite(last) ? Math.max(0, now - last) : null;
    last = now;
    return stepOf(event, { key: `${place}:${event.kind}`, gap_ms, facts: detail, fill });
  });
  const left = fills.filter((fill) => !taken.has(fill.id));
  return [...steps.reduce(withItsMove, []), ...left.map(stepOfFill)];
}

const FILLED: ReadonlySet<string> = new Set(["filled", "partially_filled"]);
const SAME_MS = 250;

/** A fill and the move that it causes are written together: one step tells both. */
function withItsMove(steps: Step[], step: Step): Step[] {
  const before = steps.at(-1);
  if (before?.kind !== "fill" || !FILLED.has(step.kind) || (step.gap_ms ?? 0) > SAME_MS) return [...steps, step];
  const { title, from, to, text, tone } = step;
  return [...steps.slice(0, -1), { ...before, title, from, to, text, tone, facts: [...before.facts, ...step.facts] }];
}

function stepOf(event: LifeEvent, rest: Pick<Step, "key" | "gap_ms" | "facts" | "fill">): Step {
  const text = event.text ?? rest.facts.find(([name]) => name === "text")?.[1] ?? "";
  const title = stepTitle(event.kind);
  return {
    ...rest,
    at: event.at,
    kind: event.kind,
    title,
    from: event.old_status ?? "",
    to: event.new_status,
    text: text === title || rest.fill ? "" : text,
    tone: TONES[event.kind] ?? "plain",
    facts: rest.facts.filter(([name, value]) => name !== "text" && value !== ""),
  };
}

function stepOfFill(fill: Fill): Step {
  return {
    key: `fill:${fill.id}`,
    at: fill.executed_at,
    gap_ms: null,
    kind: "fill",
    title: stepTitle("fill"),
    from: "",
    to: "",
    text: "",
    tone: "good",
    facts: [],
    fill,
  };
}

/** An event's detail as name and text; what nests is written as JSON. */
export function factsOf(detail: unknown): [string, string][] {
  if (typeof detail === "string") return detail ? [["text", detail]] : [];
  if (typeof detail !== "object" || detail === null) return [];
  return Object.entries(detail).flatMap(([name, value]): [string, string][] => {
    if (value === null || value === undefined || value === "") return [];
    return [[name, typeof value === "object" ? JSON.stringify(value) : String(value)]];
  });
}

/** "+12 ms", "+3.4 s", "+2 min 5 s". */
export function gapWords(gap_ms: number | null): string {
  if (gap_ms === null || !Number.isFinite(gap_ms)) return "";
  if (gap_ms < 1000) return `+${Math.round(gap_ms)} ms`;
  if (gap_ms < 60_000) return `+${(gap_ms / 1000).toFixed(gap_ms < 10_000 ? 2 : 1)} s`;
  const minutes = Math.floor(gap_ms / 60_000);
  if (minutes < 60) return `+${minutes} min ${Math.floor((gap_ms % 60_000) / 1000)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `+${hours} h ${minutes % 60} min` : `+${Math.floor(hours / 24)} days`;
}
