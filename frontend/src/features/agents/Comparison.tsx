import { memo, useMemo, useRef } from "react";
import type { AgentDetail, Evaluation } from "@/api/shapes";
import { EquityCurve } from "@/ui/curves/EquityCurve";
import { SpreadStrip } from "@/ui/curves/SpreadStrip";
import { day, percent, ratio } from "@/ui/format";
import { Panel } from "@/ui/Panel";
import { Empty } from "@/ui/States";
import classes from "./agents.module.css";
import { drawdownSeries, equitySeries, rowLabel } from "./pictures";
import { isUnderWay } from "./progress";
import { ScoreTable } from "./ScoreTable";
import { rowNamed, type Sentence, tradingDays, verdictOf } from "./verdict";

/** What the active version did on data it never saw, beside doing nothing and three simple rivals. */
export function Comparison({ agent }: { agent: AgentDetail }) {
  const evaluation = useSame(agent.evaluation);
  return (
    <Panel title="Compared with doing nothing, after costs">
      {evaluation ? <Compared evaluation={evaluation} /> : <NotYet agent={agent} />}
    </Panel>
  );
}

function NotYet({ agent }: { agent: AgentDetail }) {
  if (agent.kind !== "learned")
    return (
      <Empty title="A rule is not evaluated here" hint="Rules are the measure that learned agents are compared with." />
    );
  const { training } = agent;
  if (training && !agent.trained_at && isUnderWay(training))
    return <Empty title="Learning its first version" hint="The comparison comes with it, on bars that it never saw." />;
  if (training?.error && !agent.trained_at)
    return <Empty title={`Its training ${training.status}`} hint={training.error} />;
  return (
    <Empty
      title={agent.trained_at ? "Not evaluated yet" : "Never trained"}
      hint={
        agent.trained_at
          ? "The evaluation follows the training; until then nothing is known about this version."
          : "Train it to get a first version; it trades only once a version is deployed."
      }
    />
  );
}

/** "28 Jul 2026 to 02 Sep 2026, 26 trading days". */
export function periodWords({ eval_from, eval_to }: Pick<Evaluation, "eval_from" | "eval_to">): string {
  const days = tradingDays(eval_from, eval_to);
  return `${day(eval_from)} to ${day(eval_to)}, ${days} trading day${days === 1 ? "" : "s"}`;
}

/** The object given before, as long as it says the same: every frame about an agent brings its evaluation along. */
function useSame<Value>(value: Value): Value {
  const kept = useRef(value);
  const text = useMemo(() => JSON.stringify(value), [value]);
  const keptText = useRef(text);
  if (keptText.current !== text) {
    kept.current = value;
    keptText.current = text;
  }
  return kept.current;
}

export const Compared = memo(function Compared({ evaluation }: { evaluation: Evaluation }) {
  const { equity, drawdown, format } = useMemo(
    () => ({ equity: equitySeries(evaluation), drawdown: drawdownSeries(evaluation), format: growth(evaluation) }),
    [evaluation],
  );
  return (
    <div className={classes.compared}>
      <Verdict sentences={verdictOf(evaluation)} />
      {evaluation.note && <p className={classes.soft}>{evaluation.note}</p>}
      <ScoreTable rows={evaluation.rows} period={periodWords(evaluation)} />
      <EquityCurve
        title="Equity and drawdown of the agent and its rivals over the evaluation"
        series={equity}
        drawdown={drawdown}
        format={format}
        empty="This evaluation kept no curve."
      />
      <Members evaluation={evaluation} />
      <p className={classes.soft}>Costs: {costWords(evaluation)}. Filled at the next bar's opening bid or ask.</p>
    </div>
  );
});

export function costWords({ spread_label, cost_version }: Pick<Evaluation, "spread_label" | "cost_version">): string {
  const spread = spread_label.startsWith("assumed")
    ? `spread assumed (table ${spread_label}), not recorded`
    : `spread as ${spread_label || "recorded"} in the data`;
  return `${spread}; commission and swap by tariff ${cost_version}`;
}

/** Curves may come as money or as a multiple of the start; a multiple is told as a return. */
function growth({ equity }: Evaluation): (value: number) => string {
  const first = Object.values(equity)[0]?.[0]?.[1] ?? 1;
  if (Math.abs(first) > 10) return (value) => value.toLocaleString("en-GB", { maximumFractionDigits: 0 });
  return (value) => percent(value - 1, 1, true);
}

const MARKS = { good: "▲", bad: "▼", caution: "!" } as const;

export function Verdict({ sentences }: { sentences: readonly Sentence[] }) {
  const [first, ...rest] = sentences;
  if (!first) return null;
  return (
    <div className={classes.verdict} data-tone={first.tone}>
      <p className={classes.verdictFirst}>
        <span aria-hidden="true">{MARKS[first.tone]}</span> {first.text}
      </p>
      {rest.length > 0 && (
        <ul>
          {rest.map((sentence) => (
            <li key={sentence.text} data-tone={sentence.tone}>
              {sentence.text}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** How far apart the seeds lie: the same recipe, other dice. */
function Members({ evaluation: { members, rows } }: { evaluation: Evaluation }) {
  if (members.length === 0) return null;
  const agent = rowNamed(rows, "agent");
  const random = rowNamed(rows, "random");
  const marks = [
    ...members.map((member) => ({
      key: `${member.seed}`,
      label: `Seed ${member.seed}`,
      value: member.net_return,
      shape: "dot" as const,
      short: `${member.seed}`.slice(-2),
    })),
    ...(agent ? [{ key: "agent", label: rowLabel("agent"), value: agent.net_return, shape: "diamond" as const }] : []),
  ];
  const band =
    random?.low != null && random.high != null
      ? { low: random.low, high: random.high, label: "Random trading, 5 to 95 %" }
      : undefined;
  return (
    <section aria-label="Spread of the seeds" className={classes.members}>
      <h3>Net return of each seed</h3>
      <SpreadStrip
        title="Net return of each seed"
        marks={marks}
        band={band}
        format={(value) => percent(value, 2, true)}
      />
      <p className={classes.keys} aria-hidden="true">
        <span>○ a seed</span>
        <span>◆ the agent, their ensemble</span>
        {band && <span>▬ {band.label}</span>}
      </p>
      <table className={classes.plainTable}>
        <thead>
          <tr>
            <th scope="col">Seed</th>
            <th scope="col">Net return</th>
            <th scope="col">Sharpe</th>
            <th scope="col">Max drawdown</th>
            <th scope="col">Trades</th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <tr key={member.seed}>
              <th scope="row">{member.seed}</th>
              <td>{percent(member.net_return, 2, true)}</td>
              <td>{ratio(member.sharpe)}</td>
              <td>{percent(Math.abs(member.max_drawdown))}</td>
              <td>{member.trades}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
