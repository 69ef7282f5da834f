"""How large an entry may be: the least of what was asked and of what every sizer of the source allows.

A sizer answers with the largest position, in lots, that the source may hold in the instrument. An entry
gets what the cap leaves beyond the position that is there and the entries already under way. Sizing may
shrink an order or deny it, never enlarge it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.risk.domain.breaker import BreakerLevel

NOTHING = Decimal(0)
WARNING_FACTOR = Decimal("0.5")


class CannotSize(Exception):  # noqa: N818 - it says what a sizer could not do
    """A sizer lacks what it needs. `reason` is the code of the denial."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Risk's rule for a source. A sizer whose figure is None is not used.

    `risk_fraction` is the share of equity lost at the stop, `assumed_stop` the stop as a share of the price
    where the request names none, `target_volatility` the position's yearly volatility as a share of equity.
    """

    source: str
    risk_fraction: Decimal | None
    target_volatility: Decimal | None
    assumed_stop: Decimal | None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingInput:
    """`rate` turns the quote currency into the account's, on the worse side; prices are in quote currency."""

    equity: Decimal
    price: Decimal
    rate: Decimal
    spec: InstrumentSpec
    stop_distance: Decimal | None
    yearly_volatility: Decimal | None

    @property
    def lot_value(self) -> Decimal:
        """What one lot is worth in the account's currency."""
        return abs(self.price) * self.spec.contract_size * self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """`quantity` may be sent, `caps` is the position that each sizer allows, `room` what they leave."""

    quantity: Decimal
    room: Decimal
    caps: Mapping[str, Decimal]
    factor: Decimal


def fixed_fractional(rule: Rule, given: SizingInput) -> Decimal:
    """Return the position that loses `risk_fraction` of equity when the price reaches the stop."""
    if rule.risk_fraction is None:
        raise CannotSize("no_rule", "the rule names no risk fraction")
    stop = given.stop_distance
    if stop is None and rule.assumed_stop is not None:
        stop = rule.assumed_stop * abs(given.price)
    if stop is None or stop <= 0:
        raise CannotSize("no_stop", "sizing by risk needs a stop distance")
    return rule.risk_fraction * max(NOTHING, given.equity) / (stop * given.spec.contract_size * given.rate)


def volatility_target(rule: Rule, given: SizingInput) -> Decimal:
    """Return the position whose yearly volatility is `target_volatility` of equity."""
    if rule.target_volatility is None:
        raise CannotSize("no_rule", "the rule names no target volatility")
    volatility = given.yearly_volatility
    if volatility is None or not volatility.is_finite() or volatility <= 0:
        raise CannotSize("no_volatility", "no history to measure the instrument's volatility from")
    if given.lot_value <= 0:
        raise CannotSize("no_volatility", "volatility is a share of a price that is not zero")
    return rule.target_volatility * max(NOTHING, given.equity) / (volatility * given.lot_value)


Sizer = Callable[[Rule, SizingInput], Decimal]
SIZERS: dict[str, Sizer] = {"fixed_fractional": fixed_fractional, "volatility_target": volatility_target}


def sizers_of(rule: Rule) -> dict[str, Sizer]:
    """Return the sizers that the rule gives a figure for."""
    figures = {"fixed_fractional": rule.risk_fraction, "volatility_target": rule.target_volatility}
    return {name: SIZERS[name] for name, figure in figures.items() if figure is not None}


def size(
    requested: Decimal,
    *,
    held: Decimal,
    rule: Rule,
    given: SizingInput,
    level: BreakerLevel,
    is_person: bool,
) -> Sized:
    """Return the largest allowed part of an entry, in steps. Raise CannotSize when a sizer lacks its data.

    `held` is the source's position plus its working entries, counted positive in the order's direction; a
    position on the other side leaves no extra room, since what closes it may not fill. At WARNING an
    agent's entry is halved; a person's is compared with half of what the sizers leave, since it is never
    shrunk (halving what was already halved would leave no size that passes).
    """
    caps = {name: sizer(rule, given) for name, sizer in sizers_of(rule).items()}
    if not caps:
        raise CannotSize("no_rule", f"the sizing rule of {rule.source} names no sizer")
    factor = WARNING_FACTOR if level >= BreakerLevel.WARNING else Decimal(1)
    room = max(NOTHING, min(caps.values()) - max(NOTHING, held))
    allowed = room * factor if is_person else min(requested, room) * factor
    quantity = given.spec.floor_quantity(min(requested, allowed))
    return Sized(quantity=quantity, room=given.spec.floor_quantity(allowed), caps=caps, factor=factor)
