"""How an artefact does on bars it never saw, after all costs: beside nothing, holding, a rule and chance.

Every strategy trades the same market on the same terms through the batch that training uses. An account
that the breaker halts stays flat to the end: only people reset it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from apps.agents.domain.artefact import Artefact
from apps.agents.domain.inference import Stack
from apps.agents.domain.observation import HOLDING_COLUMNS, Observation
from apps.agents.domain.rules import RULES
from apps.agents.learning import scores
from apps.agents.learning.batch import Batch
from apps.agents.learning.evaluated import Evaluated, Row, Series
from apps.agents.learning.ground import Ground, lay
from apps.agents.learning.market import Terms, TrainingMarket
from apps.marketdata.domain.bar import FloatArray, Timeframe

__all__ = ["Evaluated", "Row", "evaluate"]

AGENT, RANDOM = "agent", "random"
# The rules that learning must beat, with the parameters that every desk starts them with.
BASELINES: dict[str, dict[str, float]] = {"flat": {}, "buy-and-hold": {}, "ma-cross": {"band": 0.25}}
DRAWS = 30

Decide = Callable[[int, FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """What accounts did; arrays have shape (steps, accounts), totals (accounts,)."""

    targets: FloatArray
    equity: FloatArray
    lots: FloatArray
    entries: FloatArray
    traded: FloatArray
    costs: FloatArray


def evaluate(market: TrainingMarket, terms: Terms, artefact: Artefact, *, seed: int) -> Evaluated:
    """Run the ensemble, each of its members and the baselines; `seed` draws the random ones.

    `random` holds what the agent held, shifted in time by a random stretch: its turnover and exposure, but
    none of its timing. Its figures are medians over the draws.
    """
    ground = lay(market, terms)
    members = [replace(artefact, members=(member,)) for member in artefact.members]
    learned, rules = [artefact, *members], list(BASELINES)
    first = walk(ground, len(learned) + len(rules), _decider(market, learned, rules))
    held = np.where(first.lots[:, 0] != 0, first.targets[:, 0], 0.0)
    drawn = walk(ground, DRAWS, _shifted(held, np.random.default_rng(seed)))
    names = [AGENT, *(f"seed {member.seed}" for member in artefact.members), *rules]
    rows = [_row(name, ground, first, column) for column, name in enumerate(names)]
    shown = {name: column for column, name in enumerate(names) if name in {AGENT, *rules}}
    middle, chance = _chance([_row(RANDOM, ground, drawn, column) for column in range(DRAWS)])
    times = _times(market)
    return Evaluated(
        instrument=market.instrument,
        timeframe=market.timeframe,
        rows=(*(rows[column] for column in shown.values()), chance),
        members=tuple(
            replace(row, seed=member.seed)
            for row, member in zip(rows[1 : len(learned)], artefact.members, strict=True)
        ),
        equity={name: _series(times, first.equity[:, column], worst=False) for name, column in shown.items()}
        | {RANDOM: _series(times, drawn.equity[:, middle], worst=False)},
        drawdown={name: _falls(times, first, column, terms) for name, column in shown.items()}
        | {RANDOM: _falls(times, drawn, middle, terms)},
        first_at=int(times[0]),
        last_at=int(times[-1]),
        days=len(scores.day_ends(market.day[1:])),
        bars=len(market) - 1,
        start_equity=terms.start_equity,
        spread_label=market.spread_label,
        cost_version=terms.cost_version,
        data_hash=market.data_hash,
    )


def walk(ground: Ground, accounts: int, decide: Decide) -> Path:
    """Take fresh accounts from the first bar to the last; `decide` gets the row and what each holds."""
    batch = Batch(ground, accounts, unit=1.0)
    shape = (ground.last_row + 1, accounts)
    targets, equity, lots = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for row in range(shape[0]):
        targets[row] = decide(row, batch.held)
        batch.step(targets[row])
        equity[row], lots[row] = batch.equity, batch.lots
    return Path(
        targets=targets,
        equity=equity,
        lots=lots,
        entries=batch.entries.astype(np.float64),
        traded=batch.traded,
        costs=batch.costs,
    )


def _decider(market: TrainingMarket, learned: Sequence[Artefact], rules: Sequence[str]) -> Decide:
    stack, columns = Stack.build(learned), (*market.columns, *HOLDING_COLUMNS)
    seen = np.zeros((len(learned), len(columns)))

    def decide(row: int, held: FloatArray) -> FloatArray:
        seen[:, :-1] = market.features[row]
        seen[:, -1] = held[: len(learned)]
        targets = np.zeros(len(held))
        targets[: len(learned)] = stack.targets(seen)
        for place, name in enumerate(rules, start=len(learned)):
            values = np.append(market.features[row], held[place])
            targets[place] = RULES[name](Observation(columns=columns, values=values), BASELINES[name])
        return targets

    return decide


def _shifted(targets: FloatArray, rng: np.random.Generator) -> Decide:
    steps = len(targets)
    edge = max(1, steps // 20)
    shifts = rng.integers(edge, max(edge + 1, steps - edge), DRAWS)
    return lambda row, _: targets[(row + shifts) % steps]


def _row(name: str, ground: Ground, path: Path, column: int) -> Row:
    start, equity = ground.terms.start_equity, path.equity[:, column]
    returns = scores.daily_returns(equity, ground.market.day[1:], start=start)
    return Row(
        name=name,
        net_return=float(equity[-1] / start - 1),
        sharpe=scores.sharpe(returns),
        max_drawdown=float(scores.drawdowns(equity, start=start).max()),
        trades=int(path.entries[column]),
        turnover=float(path.traded[column] / start),
        costs=float(path.costs[column]),
        exposure=float(np.mean(path.lots[:, column] != 0)),
    )


def _chance(draws: Sequence[Row]) -> tuple[int, Row]:
    """Return which draw lies in the middle, and one row with the medians and the 5 to 95 % range."""
    returns = np.array([draw.net_return for draw in draws])
    sharpes = [draw.sharpe for draw in draws if draw.sharpe is not None]
    low, high = np.quantile(returns, (0.05, 0.95))
    middle = int(np.argsort(returns, kind="stable")[len(returns) // 2])

    def median(values: Sequence[float]) -> float:
        return float(np.median(values))

    return middle, Row(
        name=RANDOM,
        net_return=median([draw.net_return for draw in draws]),
        sharpe=median(sharpes) if sharpes else None,
        max_drawdown=median([draw.max_drawdown for draw in draws]),
        trades=int(median([draw.trades for draw in draws])),
        turnover=median([draw.turnover for draw in draws]),
        costs=median([draw.costs for draw in draws]),
        exposure=median([draw.exposure for draw in draws]),
        low=float(low),
        high=float(high),
    )


def _times(market: TrainingMarket) -> FloatArray:
    """Return when each step's bar closed, in epoch seconds."""
    seconds = market.open_at[1:].astype("datetime64[s]").astype(np.float64)
    return seconds + Timeframe(market.timeframe).minutes * 60.0


def _falls(times: FloatArray, path: Path, column: int, terms: Terms) -> Series:
    return _series(times, scores.drawdowns(path.equity[:, column], start=terms.start_equity), worst=True)


def _series(times: FloatArray, values: FloatArray, *, worst: bool) -> Series:
    """Thin a path: the last value of each stretch, or its highest where that is what counts."""
    starts = scores.thinned(len(values))
    ends = np.append(starts[1:], len(values)) - 1
    kept = np.maximum.reduceat(values, starts) if worst else values[ends]
    return tuple(int(at) for at in times[ends]), tuple(float(value) for value in kept)
