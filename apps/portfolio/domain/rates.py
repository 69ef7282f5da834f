"""Money from one currency into another, at quotes that the caller has found fresh."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from apps.marketdata.domain.quote import Quote
from apps.portfolio.errors import NoRate

__all__ = ["NoRate", "RateSide", "convert"]

RateSide = Literal["mid", "worse"]
PIVOT = "USD"


def convert(
    amount: Decimal, *, source: str, target: str, quotes: Mapping[str, Quote], side: RateSide = "worse"
) -> Decimal:
    """Convert money of ours: directly, inversely, or by one cross through USD. Raises NoRate.

    "worse" is worse for us: what we own becomes less, what we owe (a negative amount) becomes more.
    An exposure, where more is worse, is therefore `-convert(-value, ...)`.
    """
    if source == target:
        return amount
    direct = _one_step(amount, source, target, quotes, side)
    if direct is not None:
        return direct
    if PIVOT not in {source, target}:
        pivot = _one_step(amount, source, PIVOT, quotes, side)
        crossed = None if pivot is None else _one_step(pivot, PIVOT, target, quotes, side)
        if crossed is not None:
            return crossed
    raise NoRate(source, target)


def _one_step(
    amount: Decimal, source: str, target: str, quotes: Mapping[str, Quote], side: RateSide
) -> Decimal | None:
    direct = quotes.get(source + target)
    if direct is not None and _is_good(direct):
        return amount * _price(direct, side, sells_base=amount > 0)
    inverse = quotes.get(target + source)
    if inverse is not None and _is_good(inverse):
        return amount / _price(inverse, side, sells_base=amount < 0)
    return None


def _is_good(quote: Quote) -> bool:
    return quote.bid.is_finite() and quote.ask.is_finite() and 0 < quote.bid <= quote.ask


def _price(quote: Quote, side: RateSide, *, sells_base: bool) -> Decimal:
    if side == "mid":
        return quote.mid
    return quote.bid if sells_base else quote.ask
