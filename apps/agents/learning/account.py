"""One account stepped with plain floats: the batch's arithmetic, operation by operation, without its arrays.

For a single environment numpy's calls would cost ten times the arithmetic. A test holds this class to
`Batch` bit for bit, so the order of operations here is that of `batch.py` and `limits.py`.
"""

import math

from apps.agents.domain.reward import log_growth
from apps.agents.learning import limits
from apps.agents.learning.ground import Ground, usual_change

_WARNING, _REDUCING, _HALTED = 1, 2, 3


class Account:
    """See `Batch` for the meaning of the fields."""

    def __init__(self, ground: Ground, *, unit: float | None = None) -> None:
        self.ground = ground
        self.unit = usual_change(ground) if unit is None else unit
        self._rows = ground.table.tolist()
        self._terms = ground.terms
        terms = ground.terms
        self._shares = (terms.warning_share, terms.reducing_share, terms.halted_share)
        self._kept = tuple(share * limits.RECOVERED for share in self._shares)
        self.start(0)

    def start(self, row: int) -> None:
        """Begin with fresh money at this row."""
        self.row = row
        self.cash = self.equity = self.high_water_mark = self.day_start = self._terms.start_equity
        self.lots = self.entry = self.costs = self.traded = 0.0
        self.level = self.entries = 0

    @property
    def held(self) -> float:
        return min(1.0, max(-1.0, self.lots / self._terms.max_lots))

    def step(self, target: float) -> tuple[float, bool, bool]:
        """Go to the close of the next bar; return reward, whether it halted, whether the data ended."""
        met, before = self._rows[self.row], self.equity
        if met[11] > 0:
            self.day_start = self.equity
        wish = self._floored(abs(target) * self._terms.max_lots)
        side = (target > 0) - (target < 0) if wish > 0 else 0
        held = (self.lots > 0) - (self.lots < 0)
        if side != held:
            if held:
                self._leave(met)
            if side:
                self._enter(side, wish, met)
        self._mark(met)
        halted = self.level == _HALTED
        if halted:
            self._close_all(met)
        self.row += 1
        reward = float(log_growth(before, self.equity, unit=self.unit))  # type: ignore[arg-type]
        return reward, halted, not halted and self.row > self.ground.last_row

    def _floored(self, lots: float) -> float:
        floored = math.floor(lots / self._terms.lot_step + limits.HAIR) * self._terms.lot_step
        return floored if floored >= self._terms.lot_min * (1 - limits.HAIR) else 0.0

    def _leave(self, met: list[float]) -> None:
        size = abs(self.lots)
        price = met[1] if self.lots > 0 else met[0]
        fee = size * self._terms.commission_per_lot
        self.cash += self.lots * met[2] * (price - self.entry) - fee
        self.costs += fee + size * met[5]
        self.traded += size * met[4]
        self.lots = 0.0

    def _enter(self, side: int, wish: float, met: list[float]) -> None:
        room = met[3] * max(min(self.cash, self.day_start), 0.0) * self._drawdown_factor()
        allowed = min(wish, room)
        size = self._floored(allowed * limits.HALVED if self.level >= _WARNING else allowed)
        if size <= 0 or not self._permitted(size, met[4]):
            return
        fee = size * self._terms.commission_per_lot
        self.cash -= fee
        self.costs += fee + size * met[5]
        self.traded += size * met[4]
        self.lots = side * size
        self.entry = met[0] if side > 0 else met[1]
        self.entries += 1

    def _drawdown_factor(self) -> float:
        lost = self._lost(self.cash, self.high_water_mark) / self._terms.reducing_share
        return max(0.0, min(1.0, 1.0 - self._terms.drawdown_scaling * lost))

    @staticmethod
    def _lost(equity: float, top: float) -> float:
        return max(0.0, (top - equity) / top) if top > 0 else float(equity < top)

    def _permitted(self, lots: float, lot_value: float) -> bool:
        terms, equity = self._terms, self.cash
        reserved = lots * lot_value * (1 + terms.worst_move)
        left = equity - lots * lot_value * terms.worst_move - reserved * terms.margin_rate
        return (
            self.level < _REDUCING
            and lots <= min(terms.order_lots, terms.position_lots)
            and reserved <= min(terms.order_equity, terms.gross_equity) * equity
            and left >= terms.free_margin * equity
        )

    def _mark(self, met: list[float]) -> None:
        is_long = self.lots > 0
        swap = abs(self.lots) * (met[6] if is_long else met[7])
        self.cash -= swap
        self.costs += swap
        mark = met[8] if is_long else met[9]
        self.equity = self.cash + self.lots * met[10] * (mark - self.entry)
        top = self.high_water_mark = max(self.high_water_mark, self.equity)
        self.level = self._next_level(self._lost(self.equity, top))

    def _next_level(self, loss: float) -> int:
        raised = sum(loss >= share for share in self._shares)
        if raised >= self.level or self.level == _HALTED:
            return max(raised, self.level)
        kept = sum(loss >= share for share in self._kept)
        return max(raised, min(self.level, kept))

    def _close_all(self, met: list[float]) -> None:
        fee = abs(self.lots) * self._terms.commission_per_lot
        self.equity -= fee
        self.costs += fee
        self.traded += abs(self.lots) * met[4]
        self.cash, self.lots = self.equity, 0.0
