"""Markets whose truth is known: whether training finds what is there, and whether anything looks ahead.

The planted market has one column that predicts and seven that look alike. What the best policy earns is
computed, so that an agent is judged by the part of it that it finds, free of luck.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from apps.agents.domain.artefact import Artefact
from apps.agents.domain.inference import Stack
from apps.agents.learning.account import Account
from apps.agents.learning.ground import lay
from apps.agents.learning.market import Terms, TrainingMarket, hashed
from apps.marketdata.domain.bar import SIDES, BarWindow, FloatArray

MONDAY = np.datetime64("2000-01-03T00:00", "us")
POSITIONS = np.array([-1.0, 0.0, 1.0])
GRID, REACH = 61, 4.0  # points of z, and how many deviations they span on each side
PRICE, MONEY = 1_000.0, 1e5

# Seen at bar t: an array whose bits must not depend on any bar after t.
Look = Callable[[BarWindow, int], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """z and the decoys are AR(1) with `phi` and unit variance; the next return follows z by `beta`.

    r[t+1] = sigma (beta z[t] + sqrt(1 - beta^2) eps), eps Student t with 6 degrees scaled to unit variance.
    `cost` is in sigmas for each unit of change of position. Prices add returns up: a position of one lot
    earns r, whatever the price.
    """

    phi: float = 0.95
    beta: float = 0.10
    sigma: float = 1.0
    cost: float = 0.08
    decoys: int = 7
    train: int = 37_440
    gap: int = 6_240
    test: int = 12_480

    @property
    def rows(self) -> int:
        return self.train + self.gap + self.test


def planted_market(plan: Planted, *, seed: int) -> TrainingMarket:
    """Draw a market of `plan.rows` hourly bars; each bar opens where the one before closed."""
    rng = np.random.default_rng(seed)
    signals = _autoregressive(rng, plan, plan.rows)
    noise = rng.standard_t(6, plan.rows) / math.sqrt(6 / 4)
    moves = plan.sigma * (plan.beta * signals[:-1, 0] + math.sqrt(1 - plan.beta**2) * noise[1:])
    close = PRICE + np.concatenate(([0.0], np.cumsum(moves)))
    opened = np.concatenate((close[:1], close[:-1]))
    half = plan.cost * plan.sigma
    ones, nothing = np.ones(plan.rows), np.zeros(plan.rows)
    open_at = MONDAY + np.arange(plan.rows) * np.timedelta64(1, "h")
    market = TrainingMarket(
        instrument="PLANTED",
        timeframe="1h",
        columns=("z", *(f"decoy_{k}" for k in range(1, plan.decoys + 1))),
        features=signals,
        open_at=open_at,
        open_bid=opened - half,
        open_ask=opened + half,
        close_bid=close,
        close_ask=close,
        rate=ones,
        nights=nothing,
        day=np.arange(plan.rows) // 24,
        volatility=ones,
        average_range=ones,
        spread_label="planted",
    )
    return hashed(market)


def planted_terms() -> Terms:
    """One lot, no sizing, no limits: only the spread costs."""
    return Terms(
        cost_version="planted",
        commission_per_lot=0.0,
        swap_long_per_lot=0.0,
        swap_short_per_lot=0.0,
        slippage=0.0,
        contract_size=1.0,
        lot_step=1.0,
        lot_min=1.0,
        margin_rate=0.0,
        max_lots=1.0,
        start_equity=MONEY,
        stop_atr=1.0,
        tick_size=1.0,
        risk_fraction=math.nan,
        target_volatility=math.nan,
        assumed_stop=math.nan,
        warning_share=math.inf,
        reducing_share=math.inf,
        halted_share=math.inf,
    )


def _autoregressive(rng: np.random.Generator, plan: Planted, rows: int) -> FloatArray:
    shocks = rng.standard_normal((rows, 1 + plan.decoys)) * math.sqrt(1 - plan.phi**2)
    values = np.empty_like(shocks)
    values[0] = rng.standard_normal(1 + plan.decoys)
    for row in range(1, rows):
        values[row] = plan.phi * values[row - 1] + shocks[row]
    return values


def found(plan: Planted, market: TrainingMarket, artefact: Artefact) -> float:
    """Return rho: the agent's noise-free result on the test part as a share of the best policy's.

    The result is the mean of position x sigma beta z less cost: what was there to be earned, not what
    chance added.
    """
    part = market.part(plan.rows - plan.test, plan.rows)
    z = part.features[:, 0]
    stack, seen = Stack.build([artefact]), np.zeros((1, len(part.columns) + 1))
    account, positions = Account(lay(part, planted_terms())), np.empty(len(part) - 1)
    for row in range(len(positions)):
        seen[0, :-1], seen[0, -1] = part.features[row], account.held
        account.step(float(stack.targets(seen)[0]))
        positions[row] = account.lots
    best = _followed(optimal_policy(plan), z[:-1])
    return _earned(plan, positions, z[:-1]) / _earned(plan, best, z[:-1])


def _earned(plan: Planted, positions: FloatArray, z: FloatArray) -> float:
    changes = np.abs(np.diff(positions, prepend=0.0))
    return float(np.mean(positions * plan.sigma * plan.beta * z - plan.cost * plan.sigma * changes))


@lru_cache(maxsize=4)
def optimal_policy(plan: Planted, *, gamma: float = 0.999) -> NDArray[np.intp]:
    """Return the best next position by (point of z, position held), as indices of POSITIONS.

    Value iteration on the grid, until no value moves by more than 1e-10.
    """
    grid = np.linspace(-REACH, REACH, GRID)
    moves = _transitions(plan, grid)
    turning = plan.cost * plan.sigma * np.abs(POSITIONS[:, None] - POSITIONS[None, :])
    reward = (plan.sigma * plan.beta * grid)[:, None] * POSITIONS[None, :]
    values = np.zeros((GRID, len(POSITIONS)))
    while True:
        # worth[z, held, next]: what is earned now, less turning, and what may follow.
        worth = reward[:, None, :] - turning[None, :, :] + gamma * (moves @ values)[:, None, :]
        better = worth.max(axis=2)
        if float(np.abs(better - values).max()) < 1e-10:
            best: NDArray[np.intp] = worth.argmax(axis=2)
            return best
        values = better


def _transitions(plan: Planted, grid: FloatArray) -> FloatArray:
    """Return the chance of each next point: the normal distribution over the cells around the points."""
    edges = np.concatenate(([-np.inf], (grid[1:] + grid[:-1]) / 2, [np.inf]))
    scale = math.sqrt(2 * (1 - plan.phi**2))
    below = np.array([[math.erf((edge - plan.phi * z) / scale) for edge in edges] for z in grid])
    chances: FloatArray = np.diff(below, axis=1) / 2
    return chances


def _followed(policy: NDArray[np.intp], z: FloatArray) -> FloatArray:
    points = np.clip(np.rint((z + REACH) / (2 * REACH) * (GRID - 1)), 0, GRID - 1).astype(np.intp)
    held, positions = 1, np.empty(len(z))
    for row, point in enumerate(points):
        held = int(policy[point, held])
        positions[row] = POSITIONS[held]
    return positions


def redrawn(window: BarWindow, after: int, rng: np.random.Generator) -> BarWindow:
    """Return the bars with every price and volume after row `after` drawn anew."""
    rows = len(window) - after - 1
    factor = np.exp(np.cumsum(rng.standard_normal(rows) * 0.01))
    arrays = {}
    for name in SIDES:
        kept = getattr(window, name).copy()
        kept[after + 1 :] *= factor
        arrays[name] = kept
    volume = window.volume.copy()
    volume[after + 1 :] = rng.integers(1, 1_000, rows)
    return replace(window, **arrays, volume=volume)


def leaks(look: Look, window: BarWindow, moments: Iterable[int], rng: np.random.Generator) -> list[int]:
    """Return the rows t at which what is seen changes, by a single bit, with the bars after t."""
    found_at = []
    as_it_was: dict[int, bytes] = {}
    for moment in map(int, moments):
        if moment not in as_it_was:
            as_it_was[moment] = look(window, moment).tobytes()
        if look(redrawn(window, moment, rng), moment).tobytes() != as_it_was[moment]:
            found_at.append(moment)
    return found_at
