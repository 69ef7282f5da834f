"""The size of an entry: the least of what was asked and of what every sizer of the rule leaves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal, localcontext

from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.sizing.dynamic import level_factor
from apps.risk.domain.sizing.given import CannotSize, SizingInput
from apps.risk.domain.sizing.kelly import kelly
from apps.risk.domain.sizing.rule import Rule
from apps.risk.domain.sizing.sizers import at_distance, atr, fixed_fractional, volatility_target

NOTHING, WHOLE = Decimal(0), Decimal(1)
# Digits enough for products of stored numbers to be exact, and every quotient rounded down: with the usual
# 28 digits a size a hair below a step would be rounded onto it.
DOWN = Context(prec=80, rounding=ROUND_DOWN)

Sizer = Callable[[Rule, SizingInput], Decimal]
SIZERS: dict[str, Sizer] = {
    "fixed_fractional": fixed_fractional,
    "volatility_target": volatility_target,
    "kelly": kelly,
    "atr": atr,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """`quantity` may be sent, `caps` is the position that each sizer allows, `room` what they leave.

    `factor` is the part of every cap that losses and the breaker's level leave.
    """

    quantity: Decimal
    room: Decimal
    caps: Mapping[str, Decimal]
    factor: Decimal


def sizers_of(rule: Rule) -> dict[str, Sizer]:
    """Return the sizers that the rule gives a figure for."""
    figures = {
        "fixed_fractional": rule.risk_fraction,
        "volatility_target": rule.target_volatility,
        "kelly": rule.kelly,
        "atr": rule.atr,
    }
    return {name: SIZERS[name] for name, figure in figures.items() if figure is not None}


def size(
    requested: Decimal,
    *,
    held: Decimal,
    rule: Rule,
    given: SizingInput,
    level: BreakerLevel,
    is_person: bool,
    drawdown_factor: Decimal = WHOLE,
    risk_share: Decimal | None = None,
) -> Sized:
    """Return the largest allowed part of an entry, in steps. Raise CannotSize when a sizer lacks its data.

    `held` is the source's position plus its working entries, counted positive in the order's direction; a
    position on the other side leaves no extra room, since what closes it may not fill. Losses and the level
    scale the position that every sizer allows (scaling what is asked for as well would let repeated requests
    creep up to it). At WARNING an agent's entry itself is halved too; a person's is only compared with what
    is left, since it is never shrunk, unless it was asked for as a `risk_share` of equity lost at the stop.
    """
    if not (requested.is_finite() and held.is_finite()):
        raise CannotSize("bad_quantity", f"{requested} lots beside {held} cannot be sized")
    by_level = level_factor(level)
    given.check()
    with localcontext(DOWN):
        caps = {name: sizer(rule, given) for name, sizer in sizers_of(rule).items()}
        if not caps:
            raise CannotSize("no_rule", f"the sizing rule of {rule.source} names no sizer")
        factor = by_level * (drawdown_factor if rule.drawdown_scaling else WHOLE)
        room = max(NOTHING, min(caps.values()) * factor - max(NOTHING, held))
        wanted = min(requested, _asked(risk_share, given))
        part = wanted if is_person and risk_share is None else wanted * by_level
        return Sized(
            quantity=given.spec.floor_quantity(min(part, room)),
            room=given.spec.floor_quantity(room),
            caps=caps,
            factor=factor,
        )


def _asked(risk_share: Decimal | None, given: SizingInput) -> Decimal:
    """Return the lots that were asked for as a share of equity; the stop must be the order's own."""
    if risk_share is None:
        return Decimal("Infinity")
    if not (risk_share.is_finite() and 0 < risk_share <= 1):
        raise CannotSize("bad_risk_share", "a share of equity at risk lies above 0 and at most at 1")
    return at_distance(risk_share, given.stop_distance, given)
