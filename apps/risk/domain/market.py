"""Which quotes an order may be judged by, and what is wrong with the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.marketdata.domain.sessions import SessionRule, is_stale

NO_QUOTE, STALE_QUOTE, BAD_MARKET = "no_quote", "stale_quote", "bad_market"


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """`good` are the usable quotes; `faults` has the reason code of every other one that was asked for."""

    good: Mapping[str, Quote] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    latest: Mapping[str, Quote] = field(default_factory=dict)


def fault_of(
    quote: Quote | None,
    *,
    now: datetime,
    stale_after: timedelta,
    ahead: timedelta,
    spec: InstrumentSpec | None = None,
    rule: SessionRule = SessionRule.ALWAYS,
) -> str:
    """Return why a quote is not good, or nothing. `ahead` is how far it may lie in the future.

    The last price before a closed session stays good, or nothing could be valued in the pauses of one market.
    """
    if quote is None:
        return NO_QUOTE
    if not (quote.bid.is_finite() and quote.ask.is_finite()) or quote.is_crossed:
        return BAD_MARKET
    if quote.bid <= 0 and not (spec and spec.allows_negative_price):
        return BAD_MARKET
    too_old = is_stale(rule, quote_at=quote.quote_at, stale_after=stale_after, now=now)
    return STALE_QUOTE if too_old or quote.age(now) < -ahead else ""


def judge(
    latest: Mapping[str, Quote],
    names: Iterable[str],
    *,
    now: datetime,
    stale_after: timedelta,
    ahead: timedelta,
    specs: Mapping[str, InstrumentSpec],
    rules: Mapping[str, SessionRule],
) -> Market:
    """Sort quotes into good ones and faults, at one moment."""
    good: dict[str, Quote] = {}
    faults: dict[str, str] = {}
    for name in names:
        quote = latest.get(name)
        fault = fault_of(
            quote,
            now=now,
            stale_after=stale_after,
            ahead=ahead,
            spec=specs.get(name),
            rule=rules.get(name, SessionRule.ALWAYS),
        )
        if fault or quote is None:
            faults[name] = fault
        else:
            good[name] = quote
    return Market(good=good, faults=faults, latest=latest)
