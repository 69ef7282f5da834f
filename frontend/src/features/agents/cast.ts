/** For tests: one agent that learned, one that trades by a rule, and what they are judged by. */

import type { Agent, AgentDetail, Evaluation, EvaluationRow, TrainingRun } from "@/api/shapes";

export const run: TrainingRun = {
  id: 7,
  agent: "eurusd-ppo",
  status: "running",
  progress: {
    stage: "",
    seed_index: 1,
    seeds: 3,
    step: 30_000,
    steps: 60_000,
    left_s: 21,
    curve: [[[1024, -0.1]], [[1024, 0.2]]],
  },
  config: { seeds: 3, steps: 60_000 },
  requested_by: "quant",
  created_at: "2026-11-25T10:00:00Z",
  started_at: "2026-11-25T10:00:05Z",
  finished_at: null,
  error: "",
  version: null,
  version_name: "",
  deploy: true,
  train_from: null,
  train_to: null,
  eval_from: null,
  eval_to: null,
  cancel_requested: "",
  note: "",
  restart_of: null,
};

export const learned: Agent = {
  slug: "eurusd-ppo",
  name: "EURUSD PPO",
  account: "paper-1",
  instrument: "EURUSD",
  timeframe: "1m",
  kind: "learned",
  stage: "paper",
  state: "active",
  state_reason: "",
  version: "eurusd-ppo v2",
  version_id: 4,
  trained_at: "2026-11-25T09:00:00Z",
  position: "0.31",
  day_profit: "-42.17",
  orders_today: 7,
  last_signal_at: "2026-11-25T10:00:00Z",
  training: null,
  evaluation: { agent: { net_return: -0.0123, sharpe: -0.4 }, flat: { net_return: 0, sharpe: null } },
  note: "A demonstration: three seeds of 60,000 steps each, too few for the gates.",
};

export const rule: Agent = {
  ...learned,
  slug: "gbpusd-ma-cross",
  name: "GBPUSD ma-cross",
  instrument: "GBPUSD",
  kind: "rule",
  version: "ma-cross v1",
  version_id: 1,
  trained_at: null,
  position: "-0.4",
  day_profit: "12.5",
  orders_today: 3,
  evaluation: null,
  note: "",
};

const row = (name: string, change: Partial<EvaluationRow>): EvaluationRow => ({
  name,
  net_return: 0,
  sharpe: null,
  max_drawdown: 0,
  trades: 0,
  turnover: 0,
  costs: 0,
  exposure: null,
  low: null,
  high: null,
  ...change,
});

export const evaluation: Evaluation = {
  version: 4,
  version_name: "eurusd-ppo v2",
  created_at: "2026-11-25T09:01:00Z",
  eval_from: "2024-01-01T00:00:00Z",
  eval_to: "2026-01-01T00:00:00Z",
  cost_version: "paper-1",
  spread_label: "recorded",
  rows: [
    row("agent", { net_return: -0.0123, sharpe: -0.4, max_drawdown: 0.02, trades: 212, turnover: 86.4, costs: 1421.3 }),
    row("flat", {}),
    row("buy-and-hold", { net_return: 0.011, sharpe: 0.7, max_drawdown: 0.03, trades: 1, turnover: 1, costs: 12.5 }),
    row("ma-cross", { net_return: -0.02, sharpe: -1.2, max_drawdown: 0.04, trades: 141, turnover: 58, costs: 960 }),
    row("random", { net_return: -0.02, sharpe: -2, max_drawdown: 0.03, costs: 1410, low: -0.05, high: 0.004 }),
  ],
  equity: {
    agent: [
      [1_700_000_000, 100_000],
      [1_700_086_400, 98_770],
    ],
    flat: [[1_700_000_000, 100_000]],
  },
  drawdown: {
    agent: [
      [1_700_000_000, 0],
      [1_700_086_400, 0.0123],
    ],
  },
  members: [
    { seed: 1, net_return: -0.006, sharpe: -0.3, max_drawdown: 0.02, trades: 198 },
    { seed: 2, net_return: 0.004, sharpe: 0.2, max_drawdown: 0.02, trades: 240 },
    { seed: 3, net_return: -0.02, sharpe: -1.1, max_drawdown: 0.03, trades: 187 },
  ],
  note: "",
};

export const detail: AgentDetail = {
  ...learned,
  evaluation,
  versions: [
    {
      id: 4,
      name: "eurusd-ppo",
      number: 2,
      kind: "learned",
      hash: "9f3a0c77d1e2ab45",
      created_at: "2026-11-25T09:00:00Z",
      active: true,
      summary: {},
      tear_sheet_url: "/api/v1/versions/4/tearsheet/",
    },
    {
      id: 2,
      name: "eurusd-ppo",
      number: 1,
      kind: "learned",
      hash: "02bc0c77d1e2ab45",
      created_at: "2026-11-24T09:00:00Z",
      active: false,
      summary: {},
      tear_sheet_url: null,
    },
  ],
  runs: [],
  rights: ["agent.view", "agent.pause", "agent.resume", "agent.train", "agent.deploy"],
};

/** What the page already knows, so that nothing is asked: who is there, and the desk's clock. */
export const known = [
  [["session"], { agents_rights: {}, accounts: [] }],
  [["clock"], { desk_at: "2026-11-25T10:00:30Z", speed: 1, ended: false, askedAt: Date.now() }],
] as const;
