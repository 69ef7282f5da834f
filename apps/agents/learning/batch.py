"""Many accounts in one call: decide on a closed bar, fill at the next open, mark at that bar's close.

The same semantics as live: a wish on the side already held trades nothing, a reversal is an exit and an
entry, sizing may shrink an entry and limits deny it, REDUCING denies entries, HALTED closes everything.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.agents.domain.reward import log_growth
from apps.agents.learning import limits
from apps.agents.learning.ground import Ground, usual_change
from apps.agents.learning.limits import Levels
from apps.marketdata.domain.bar import FloatArray
from apps.risk.domain.breaker import BreakerLevel

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stepped:
    """What a step gave, each of shape (envs,). `halted` ends an account, `ended` is the end of the data."""

    reward: FloatArray
    halted: Flags
    ended: Flags


class Batch:
    """`envs` accounts on one market. All state is in arrays of shape (envs,) that are written in place."""

    def __init__(self, ground: Ground, envs: int, *, unit: float | None = None) -> None:
        self.ground = ground
        self.unit = usual_change(ground) if unit is None else unit
        self.row: Rows = np.zeros(envs, dtype=np.int64)
        self.lots = np.zeros(envs)
        self.entry = np.zeros(envs)
        self.cash = np.zeros(envs)
        self.equity = np.zeros(envs)
        self.high_water_mark = np.zeros(envs)
        self.day_start = np.zeros(envs)
        self.level: Levels = np.zeros(envs, dtype=np.int64)
        self.costs = np.zeros(envs)
        self.traded = np.zeros(envs)
        self.entries: Rows = np.zeros(envs, dtype=np.int64)
        self._met = np.zeros((envs, ground.table.shape[1]))
        self.start(np.arange(envs), np.zeros(envs, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.row)

    @property
    def held(self) -> FloatArray:
        """Each account's position as a part of the most it may hold."""
        return np.clip(self.lots / self.ground.terms.max_lots, -1.0, 1.0)

    def start(self, which: NDArray[np.intp], rows: Rows) -> None:
        """Give some accounts fresh money at these rows."""
        equity = self.ground.terms.start_equity
        self.row[which] = rows
        for array in (self.cash, self.equity, self.high_water_mark, self.day_start):
            array[which] = equity
        for array in (self.lots, self.entry, self.costs, self.traded):
            array[which] = 0.0
        self.level[which] = 0
        self.entries[which] = 0

    def step(self, targets: FloatArray) -> Stepped:
        """Carry every account from its closed bar to the close of the next one.

        `targets` has shape (envs,), in [-1, 1]. Accounts must not stand at the end of the data.
        """
        np.take(self.ground.table, self.row, axis=0, out=self._met)
        met = self._met.T
        before = self.equity.copy()
        self.day_start = np.where(met[11] > 0, self.equity, self.day_start)
        wish = limits.floor_lots(np.abs(targets) * self.ground.terms.max_lots, self.ground.terms)
        side = np.sign(targets) * (wish > 0)
        changed = side != np.sign(self.lots)
        self._leave(changed & (self.lots != 0), met)
        self._enter(changed & (side != 0), side, wish, met)
        self._mark(met)
        halted = self.level == BreakerLevel.HALTED
        if halted.any():
            self._close_all(halted)
        self.row += 1
        reward = log_growth(before, self.equity, unit=self.unit)
        return Stepped(reward=reward, halted=halted, ended=~halted & (self.row > self.ground.last_row))

    def _leave(self, exits: Flags, met: FloatArray) -> None:
        """Close positions at the open: sell at the bid, buy back at the ask."""
        size = np.abs(self.lots)
        price = np.where(self.lots > 0, met[1], met[0])
        fee = size * self.ground.terms.commission_per_lot
        gain = self.lots * met[2] * (price - self.entry) - fee
        self.cash += np.where(exits, gain, 0.0)
        self._count(exits, size, fee, met)
        self.lots = np.where(exits, 0.0, self.lots)

    def _enter(self, entries: Flags, side: FloatArray, wish: FloatArray, met: FloatArray) -> None:
        """Open positions at the open, as large as sizing and limits allow. Flat, equity is cash."""
        terms = self.ground.terms
        least = np.minimum(self.cash, self.day_start)
        factor = limits.drawdown_factor(self.cash, self.high_water_mark, terms)
        size = limits.sized(wish, room=met[3], equity=least, level=self.level, terms=terms, factor=factor)
        passed = limits.permitted(size, lot_value=met[4], equity=self.cash, level=self.level, terms=terms)
        filled = entries & passed & (size > 0)
        fee = size * terms.commission_per_lot
        self.cash -= np.where(filled, fee, 0.0)
        self._count(filled, size, fee, met)
        self.lots = np.where(filled, side * size, self.lots)
        self.entry = np.where(filled, np.where(side > 0, met[0], met[1]), self.entry)
        self.entries += filled

    def _mark(self, met: FloatArray) -> None:
        """Charge the nights and value every position at the price that would close it."""
        is_long = self.lots > 0
        swap = np.abs(self.lots) * np.where(is_long, met[6], met[7])
        self.cash -= swap
        self.costs += swap
        mark = np.where(is_long, met[8], met[9])
        self.equity = self.cash + self.lots * met[10] * (mark - self.entry)
        np.maximum(self.high_water_mark, self.equity, out=self.high_water_mark)
        loss = limits.drawdown(self.equity, self.high_water_mark)
        self.level = limits.next_levels(self.level, loss, self.ground.terms)

    def _close_all(self, halted: Flags) -> None:
        """Close what is open where the breaker halted, at the marks it was valued at."""
        fee = np.where(halted, np.abs(self.lots) * self.ground.terms.commission_per_lot, 0.0)
        self.equity -= fee
        self.costs += fee
        self.traded += np.where(halted, np.abs(self.lots) * self._met[:, 4], 0.0)
        self.cash = np.where(halted, self.equity, self.cash)
        self.lots = np.where(halted, 0.0, self.lots)

    def _count(self, filled: Flags, size: FloatArray, fee: FloatArray, met: FloatArray) -> None:
        self.costs += np.where(filled, fee + size * met[5], 0.0)
        self.traded += np.where(filled, size * met[4], 0.0)
