"""What risk's sizing rule says for a source, and which of two rules is tighter."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum


class KellyKind(StrEnum):
    """What a Kelly share is a share of: equity lost at the stop, or notional over equity."""

    DISCRETE = "discrete"
    CONTINUOUS = "continuous"


@dataclass(frozen=True, slots=True, kw_only=True)
class KellyTerms:
    """`fraction` of the Kelly share is used, at most `cap` (in what `kind` counts).

    `probe` is the share of equity lost at the stop while there are too few trades to know an edge.
    """

    kind: KellyKind
    fraction: Decimal
    cap: Decimal
    probe: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AtrTerms:
    """`share` of equity is lost when the price moves `multiple` average true ranges of `timeframe` bars."""

    share: Decimal
    multiple: Decimal
    timeframe: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Risk's rule for a source. A sizer whose figure is None is not used.

    `risk_fraction` is the share of equity lost at the stop, `assumed_stop` the stop as a share of the price
    where the request names none, `target_volatility` the position's yearly volatility as a share of equity.
    With `drawdown_scaling` every sizer allows less the nearer a loss is to the breaker's second level.
    """

    source: str
    risk_fraction: Decimal | None
    target_volatility: Decimal | None
    assumed_stop: Decimal | None
    kelly: KellyTerms | None = None
    atr: AtrTerms | None = None
    drawdown_scaling: bool = False
    version: int = 1


def is_tighter(new: Rule, old: Rule | None) -> bool:
    """Tell whether a new rule can let no order be larger than the old one did, and some smaller.

    In doubt it is not: another kind of Kelly, another timeframe, any figure that grew. `old` is the rule
    that sized the sources before, None where they were denied for want of one.
    """
    if old is None or _figures(new) == _figures(old):
        return False
    return (
        _at_most(new.risk_fraction, old.risk_fraction)
        and _at_most(new.target_volatility, old.target_volatility)
        and _stop_is_tighter(new.assumed_stop, old.assumed_stop)
        and _kelly_is_tighter(new.kelly, old.kelly)
        and _atr_is_tighter(new.atr, old.atr)
        and (new.drawdown_scaling or not old.drawdown_scaling)
    )


def _figures(rule: Rule) -> Rule:
    return replace(rule, source="", version=1)


def _at_most(new: Decimal | None, old: Decimal | None) -> bool:
    return old is None or (new is not None and new <= old)


def _stop_is_tighter(new: Decimal | None, old: Decimal | None) -> bool:
    """Compare: a stop further away is a smaller size, and no assumed stop at all a denial."""
    return new is None or (old is not None and new >= old)


def _kelly_is_tighter(new: KellyTerms | None, old: KellyTerms | None) -> bool:
    if old is None:
        return True
    if new is None or new.kind is not old.kind:
        return False
    return new.fraction <= old.fraction and new.cap <= old.cap and new.probe <= old.probe


def _atr_is_tighter(new: AtrTerms | None, old: AtrTerms | None) -> bool:
    if old is None:
        return True
    if new is None or new.timeframe != old.timeframe:
        return False
    return new.share <= old.share and new.multiple >= old.multiple
