/** What an evaluation says in plain words. The tables show figures; these sentences say what they do not prove. */

import type { Evaluation, EvaluationRow as ScoreRow } from "@/api/shapes";
import { percent } from "@/ui/format";

export type Judged = Pick<Evaluation, "eval_from" | "eval_to" | "spread_label" | "rows" | "members">;

export type Tone = "good" | "bad" | "caution";

export interface Sentence {
  tone: Tone;
  text: string;
}

/** Fewer trading days than this cannot carry a verdict on skill. */
export const DAYS_FOR_GATES = 504;

const DAY_MS = 86_400_000;

/** Monday to Friday between two instants; a day that was only begun counts, as it does on the server. */
export function tradingDays(from: string, to: string): number {
  const start = Math.floor(Date.parse(from) / DAY_MS);
  const end = Math.ceil(Date.parse(to) / DAY_MS);
  if (!(end > start)) return 0;
  const weeks = Math.floor((end - start) / 7);
  let days = weeks * 5;
  for (let day = start + weeks * 7; day < end; day += 1) {
    const weekday = (day + 4) % 7; // day 0 of the epoch was a Thursday
    if (weekday !== 0 && weekday !== 6) days += 1;
  }
  return days;
}

const signed = (value: number) => percent(value, 2, true);

export function rowNamed(rows: readonly ScoreRow[], name: string): ScoreRow | undefined {
  return rows.find((row) => row.name === name);
}

/** The sentences of an evaluation, the most important one first. */
export function verdictOf(evaluation: Judged): Sentence[] {
  const agent = rowNamed(evaluation.rows, "agent");
  if (!agent) return [{ tone: "caution", text: "This evaluation holds no result of the agent itself." }];
  return [
    againstNothing(agent, rowNamed(evaluation.rows, "flat")),
    againstOthers(agent, evaluation.rows),
    againstChance(agent, rowNamed(evaluation.rows, "random")),
    lengthOf(evaluation),
    seedsOf(evaluation),
    costsOf(evaluation),
  ].filter((sentence) => sentence !== null);
}

function againstNothing(agent: ScoreRow, flat: ScoreRow | undefined): Sentence {
  const idle = flat?.net_return ?? 0;
  const made = signed(agent.net_return);
  if (agent.net_return < idle)
    return {
      tone: "bad",
      text: `Worse than doing nothing: after costs the agent returned ${made}, an idle account ${signed(idle)}.`,
    };
  if (agent.trades === 0 || agent.net_return === idle)
    return {
      tone: "caution",
      text:
        agent.trades === 0
          ? "The agent made no trade in this period: it is no better and no worse than doing nothing."
          : `No better than doing nothing: both returned ${made} after costs.`,
    };
  return {
    tone: "good",
    text: `Better than doing nothing in this period: ${made} after costs against ${signed(idle)}.`,
  };
}

const RIVALS = [
  ["buy-and-hold", "buy-and-hold"],
  ["ma-cross", "the moving-average cross"],
] as const;

function againstOthers(agent: ScoreRow, rows: readonly ScoreRow[]): Sentence | null {
  const rivals = RIVALS.flatMap(([name, words]) => {
    const row = rowNamed(rows, name);
    return row ? [{ words, row }] : [];
  });
  const ahead = rivals.filter(({ row }) => row.net_return > agent.net_return);
  if (ahead.length === 0) return null;
  const told = ahead.map(({ words, row }) => `${words} (${signed(row.net_return)})`).join(" and ");
  return { tone: "bad", text: `Behind ${told}.` };
}

function againstChance(agent: ScoreRow, random: ScoreRow | undefined): Sentence | null {
  if (random?.low == null || random.high == null) return null;
  const span = `${signed(random.low)} to ${signed(random.high)}`;
  if (agent.net_return > random.high) return null;
  const place = agent.net_return < random.low ? "Worse than 95 % of" : "Within what chance gives:";
  const tone: Tone = agent.net_return < random.low ? "bad" : "caution";
  return { tone, text: `${place} random trades with equal turnover, 5 to 95 % of which return ${span}.` };
}

function lengthOf({ eval_from, eval_to }: Judged): Sentence | null {
  const days = tradingDays(eval_from, eval_to);
  if (days >= DAYS_FOR_GATES) return null;
  return {
    tone: "caution",
    text: `Too short to judge: ${days} trading day${days === 1 ? "" : "s"}, and the gates ask for at least ${DAYS_FOR_GATES}. Luck explains more than skill here.`,
  };
}

function seedsOf({ members }: Judged): Sentence | null {
  if (members.length < 2) return null;
  const lost = members.filter((member) => member.net_return < 0).length;
  if (lost === 0 || lost === members.length) return null;
  return {
    tone: "caution",
    text: `The seeds disagree: ${lost} of ${members.length} lost money. What one seed learned may be chance.`,
  };
}

function costsOf({ spread_label }: Judged): Sentence | null {
  if (!spread_label.startsWith("assumed")) return null;
  return {
    tone: "caution",
    text: `The data has no recorded spread; costs come from the table ${spread_label}.`,
  };
}
