"""The values by which pages, REST and commands show agents, versions, evaluations and trainings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One line of a comparison. Ratios are plain numbers: 0.01 is one per cent.

    `low` and `high` are the 5 and 95 % quantiles of a baseline that is drawn many times.
    """

    name: str
    net_return: float
    sharpe: float | None
    max_drawdown: float
    trades: float
    turnover: float
    costs: float
    exposure: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedScore:
    seed: int
    net_return: float
    sharpe: float | None
    max_drawdown: float
    trades: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationView:
    """`equity` and `drawdown`: name to points (epoch second, value). Periods are desk time."""

    id: int
    version_id: int
    version: str
    eval_from: datetime
    eval_to: datetime
    data_hash: str
    cost_version: str
    spread_label: str
    rows: Sequence[Score]
    equity: Mapping[str, Sequence[tuple[float, float]]]
    drawdown: Mapping[str, Sequence[tuple[float, float]]]
    members: Sequence[SeedScore]
    note: str
    has_tear_sheet: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """`active` says that the agent decides by it. `summary`: seeds, steps, periods, scores in short."""

    id: int
    name: str
    number: int
    kind: str
    hash: str
    created_at: datetime
    active: bool
    summary: Mapping[str, Any]
    evaluation_id: int | None
    has_tear_sheet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`curve`: for each seed so far its (step, mean reward) points; `left_s` is None before it is known."""

    stage: str
    seed_index: int
    seeds: int
    step: int
    steps: int
    curve: Sequence[Sequence[tuple[float, float]]]
    left_s: float | None

    @property
    def share(self) -> float:
        """Return how much of all seeds' steps is done, 0 to 1."""
        whole = self.seeds * self.steps
        return min(1.0, (self.seed_index * self.steps + self.step) / whole) if whole else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A training. Periods are desk time, the other instants wall time; `version` is the result's id."""

    id: int
    agent: str
    status: str
    progress: Progress
    config: Mapping[str, Any]
    train_from: datetime | None
    train_to: datetime | None
    eval_from: datetime | None
    eval_to: datetime | None
    requested_by: str
    cancel_requested: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    heartbeat_at: datetime | None
    error: str
    version: int | None
    version_name: str
    deploy: bool
    note: str
    restart_of: int | None
    data_hash: str
    fingerprint: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A name of the comparison with its two figures that fit on a card."""

    net_return: float
    sharpe: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCard:
    """One agent as lists show it. `training` is the run that is queued or under way, else the last one.

    `evaluation` maps `agent` and each baseline to its figures. Bars and signals are desk time.
    `day_profit` is what the venue booked today for its orders, costs included; open profit is not in it.
    """

    id: int
    slug: str
    name: str
    account: str
    instrument: str
    timeframe: str
    kind: str
    stage: str
    state: str
    state_reason: str
    version: str
    version_id: int | None
    trained_at: datetime | None
    position: Decimal
    day_profit: Decimal
    orders_today: int
    last_bar_close_at: datetime | None
    last_signal_at: datetime | None
    training: RunView | None
    evaluation: Mapping[str, Against] | None
    note: str
