"""Sizers that need no trades: each answers with the largest position, in lots, that a source may hold."""

from decimal import Decimal

from apps.risk.domain.sizing.given import CannotSize, SizingInput, is_positive
from apps.risk.domain.sizing.rule import Rule


def at_stop(share: Decimal, rule: Rule, given: SizingInput) -> Decimal:
    """Return the position that loses a share of equity when the price reaches the stop."""
    stop = given.stop_distance
    if stop is None and rule.assumed_stop is not None:
        stop = rule.assumed_stop * abs(given.price)
    return at_distance(share, stop, given)


def at_distance(share: Decimal, distance: Decimal | None, given: SizingInput) -> Decimal:
    """Return the position that loses a share of equity when the price moves so far against it."""
    if distance is None or not is_positive(distance):
        raise CannotSize("no_stop", "sizing by risk needs a stop distance")
    return share * given.stake / (distance * given.spec.contract_size * given.rate)


def at_notional(share: Decimal, given: SizingInput) -> Decimal:
    """Return the position whose value is a multiple of equity."""
    if not is_positive(given.lot_value):
        raise CannotSize("bad_price", "a position without a value has no share of equity")
    return share * given.stake / given.lot_value


def fixed_fractional(rule: Rule, given: SizingInput) -> Decimal:
    """Return the position that loses `risk_fraction` of equity when the price reaches the stop."""
    if rule.risk_fraction is None:
        raise CannotSize("no_rule", "the rule names no risk fraction")
    return at_stop(rule.risk_fraction, rule, given)


def volatility_target(rule: Rule, given: SizingInput) -> Decimal:
    """Return the position whose yearly volatility is `target_volatility` of equity."""
    if rule.target_volatility is None:
        raise CannotSize("no_rule", "the rule names no target volatility")
    volatility = given.yearly_volatility
    if volatility is None or not is_positive(volatility):
        raise CannotSize("no_volatility", "no history to measure the instrument's volatility from")
    if given.lot_value <= 0:
        raise CannotSize("no_volatility", "volatility is a share of a price that is not zero")
    return rule.target_volatility * given.stake / (volatility * given.lot_value)


def atr(rule: Rule, given: SizingInput) -> Decimal:
    """Return the position that loses its share of equity over a multiple of the average true range."""
    if rule.atr is None:
        raise CannotSize("no_rule", "the rule names no share for the average true range")
    measured = given.average_range
    if measured is None or not is_positive(measured):
        raise CannotSize("no_atr", f"no history of {rule.atr.timeframe} bars to measure a range from")
    return at_distance(rule.atr.share, rule.atr.multiple * measured, given)
