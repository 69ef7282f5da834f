"""The terms an agent trades on in training and evaluation: what the desk would allow and the venue take."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.portfolio.domain import tariffs
from apps.risk.domain.breaker import BreakerLevel, LossBase, Threshold
from apps.risk.domain.limits import DEFAULT_LOSS
from apps.risk.domain.sizing import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Plain floats for one agent alone on one account. Lots unless the name says otherwise.

    Costs are per lot: commission for one side in the account's currency, swap per night (positive costs) in
    the quote currency, slippage in price units. `risk_fraction`, `target_volatility` and `assumed_stop` are
    those of risk's rule, NaN where the sizer is not used. The levels are shares lost from the high-water
    mark; `drawdown_scaling` is 1 where losses shrink what sizers allow, else 0. `order_equity`,
    `gross_equity` and `free_margin` are multiples of equity, infinite (or minus infinite) where nothing
    limits. `worst_move` is how far, as a share of the price, a fill is reserved for.
    """

    cost_version: str
    commission_per_lot: float
    swap_long_per_lot: float
    swap_short_per_lot: float
    slippage: float
    contract_size: float
    lot_step: float
    lot_min: float
    margin_rate: float
    max_lots: float
    start_equity: float
    stop_atr: float
    tick_size: float
    risk_fraction: float
    target_volatility: float
    assumed_stop: float
    warning_share: float
    reducing_share: float
    halted_share: float
    order_lots: float = math.inf
    position_lots: float = math.inf
    order_equity: float = math.inf
    gross_equity: float = math.inf
    free_margin: float = -math.inf
    worst_move: float = 0.0
    drawdown_scaling: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The hard limits of an agent's order that matter to one agent alone; the defaults are paper's."""

    order_lots: Decimal = Decimal(5)
    position_lots: Decimal = Decimal(5)
    order_equity: Decimal = Decimal(6)
    gross_equity: Decimal = Decimal(8)
    free_margin: Decimal = Decimal("0.2")
    worst_move: Decimal = Decimal("0.03")  # the collar of 1 % counted three times


PAPER_CAPS = Caps()
PAPER_LOSSES = tuple(Threshold(level=level, share=share) for level, share in DEFAULT_LOSS.items())


def terms_for(
    spec: InstrumentSpec,
    *,
    max_lots: Decimal,
    stop_atr: Decimal,
    start_equity: Decimal,
    rule: Rule,
    caps: Caps = PAPER_CAPS,
    losses: Iterable[Threshold] = PAPER_LOSSES,
    cost_version: str = tariffs.LATEST,
) -> Terms:
    """Turn the desk's own rules into floats. Raise NoTariff; ValueError for thresholds of another base."""
    costs = tariffs.terms_of(spec, version=cost_version)
    shares = _shares(losses)
    return Terms(
        cost_version=cost_version,
        commission_per_lot=float(costs.commission_per_lot),
        swap_long_per_lot=float(costs.swap_long_per_lot),
        swap_short_per_lot=float(costs.swap_short_per_lot),
        slippage=float(costs.slippage),
        contract_size=float(spec.contract_size),
        lot_step=float(spec.lot_step),
        lot_min=float(spec.lot_min),
        margin_rate=float(spec.margin_rate),
        max_lots=float(max_lots),
        start_equity=float(start_equity),
        stop_atr=float(stop_atr),
        tick_size=float(spec.tick_size),
        risk_fraction=_figure(rule.risk_fraction),
        target_volatility=_figure(rule.target_volatility),
        assumed_stop=_figure(rule.assumed_stop),
        warning_share=shares[BreakerLevel.WARNING],
        reducing_share=shares[BreakerLevel.REDUCING],
        halted_share=shares[BreakerLevel.HALTED],
        order_lots=float(caps.order_lots),
        position_lots=float(caps.position_lots),
        order_equity=float(caps.order_equity),
        gross_equity=float(caps.gross_equity),
        free_margin=float(caps.free_margin),
        worst_move=float(caps.worst_move),
        drawdown_scaling=float(rule.drawdown_scaling),
    )


def _figure(value: Decimal | None) -> float:
    return math.nan if value is None else float(value)


def _shares(losses: Iterable[Threshold]) -> dict[BreakerLevel, float]:
    """Return the tightest share of each level; the defaults where none is named."""
    shares = dict.fromkeys(DEFAULT_LOSS, math.inf)
    for threshold in losses:
        if threshold.base is not LossBase.HIGH_WATER_MARK:
            raise ValueError(f"training counts losses from the high-water mark, not from {threshold.base}")
        shares[threshold.level] = min(shares[threshold.level], float(threshold.share))
    return {
        level: float(DEFAULT_LOSS[level]) if math.isinf(share) else share for level, share in shares.items()
    }
