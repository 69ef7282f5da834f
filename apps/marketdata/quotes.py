"""The latest quote of an instrument, or none if it cannot be relied on."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from apps.marketdata import clock, instruments
from apps.marketdata.domain import quality
from apps.marketdata.domain.quote import Quote
from apps.marketdata.domain.sessions import SessionRule, is_stale
from apps.marketdata.stores import valkey
from apps.marketdata.stores.latest import LatestQuotes, Steadiness

_AHEAD_WALL_S = 2.0


def latest(names: Iterable[str]) -> dict[str, Quote]:
    """Return the latest quotes of any age, in one round trip. Raise StoreUnavailable."""
    return shelf().get(list(names))


def fresh(names: Iterable[str], *, now: datetime) -> dict[str, Quote]:
    """Return those that may be traded on: not stale, crossed, from the future or wrongly non-positive.

    Raise StoreUnavailable.
    """
    held = latest(names)
    if not held:
        return {}
    stale_after = clock.stale_after(settings.MTQ_QUOTE_STALE_AFTER_S)
    newest = now + timedelta(seconds=_AHEAD_WALL_S * clock.speed())
    specs, rules = instruments.specs(), instruments.session_rules()
    return {
        name: quote
        for name, quote in held.items()
        if quote.quote_at <= newest
        and not is_stale(
            rules.get(name, SessionRule.ALWAYS), quote_at=quote.quote_at, stale_after=stale_after, now=now
        )
        and quality.quote_fault(quote, allows_negative=name in specs and specs[name].allows_negative_price)
        is None
    }


def shelf() -> LatestQuotes:
    """Return where ingestion puts them."""
    return LatestQuotes(valkey.client(settings.REDIS_URL), f"mtq:{settings.MTQ_RUN}:", _steadiness())


def _steadiness() -> Steadiness:
    """Return when a market is unsteady: seconds of wall time, whatever the speed of the desk clock."""
    return Steadiness(
        band=settings.MTQ_QUOTE_JUMP_BAND,
        spread_times=Decimal(repr(settings.MTQ_QUOTE_SPREAD_TIMES)),
        settles=timedelta(seconds=settings.MTQ_QUOTE_SETTLES_S * clock.speed()),
    )
