"""The desk around a training: limits in force, conversion bars, and where the spreads come from."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

import numpy as np

from apps.agents.errors import NotAllowed
from apps.agents.learning.market import Caps
from apps.agents.training import replay
from apps.marketdata import history, instruments
from apps.marketdata.domain.arrays import from_us
from apps.marketdata.domain.bar import BarWindow
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.errors import NoHistory
from apps.risk.domain.breaker import LossBase, Threshold
from apps.risk.domain.limits import Metric, MissingLimit, RiskLimits, loss_thresholds
from apps.risk.review import inforce

# How much older than the first bar a conversion bar may be: over a weekend the last price is that of Friday.
CONVERSION_REACH = timedelta(days=4)


def standing_caps(account: str, source: str, *, instrument: str, equity: Decimal) -> Caps:
    """Return the hard limits in force for this agent, those in money as multiples of its equity.

    Raise NotAllowed where risk has no row for one of them: risk would deny each order.
    """
    limits = _limits(account, source, instrument)
    scopes = (f"account:{account}", f"source:{source}")

    def least(metric: Metric, *, of_equity: bool = False) -> Decimal:
        found = [value for scope in scopes for value in _ceilings(limits, scope, metric, instrument, equity)]
        if not found:
            raise NotAllowed(f"risk has no limit {metric.value} for {source}")
        tightest = max(found) if metric.is_floor else min(found)
        return tightest / equity if of_equity else tightest

    return Caps(
        order_lots=least(Metric.ORDER_SIZE),
        position_lots=least(Metric.POSITION),
        order_equity=min(
            least(Metric.ORDER_VALUE, of_equity=True), least(Metric.ORDER_EQUITY, of_equity=True)
        ),
        gross_equity=least(Metric.GROSS, of_equity=True),
        free_margin=least(Metric.FREE_MARGIN, of_equity=True),
    )


def losses_of(account: str, source: str, *, instrument: str) -> tuple[Threshold, ...]:
    """Return the thresholds of the account's breaker that count from the high-water mark."""
    rows = _limits(account, source, instrument).rows
    found: Iterable[Threshold] = loss_thresholds(rows, f"account:{account}")
    return tuple(threshold for threshold in found if threshold.base is LossBase.HIGH_WATER_MARK)


def conversion_for(spec: InstrumentSpec, *, currency: str, like: BarWindow) -> BarWindow | None:
    """Return bars that turn the quote currency into the account's; None where the instrument does itself."""
    if currency in {spec.quote_currency, spec.base_currency}:
        return None
    known = instruments.specs()
    first = from_us(int(like.open_at[0].astype("datetime64[us]").astype(np.int64))) - CONVERSION_REACH
    for name in (f"{spec.quote_currency}{currency}", f"{currency}{spec.quote_currency}"):
        if name in known:
            try:
                return history.stretch(name, like.timeframe, first=first, last=like.last_close_at)
            except NoHistory:
                continue
    return None


def converts(instrument: str, *, currency: str) -> bool:
    """Tell whether the desk knows an instrument that counts this one in the account's currency."""
    spec = instruments.spec(instrument)
    if currency in {spec.quote_currency, spec.base_currency}:
        return True
    pairs = {f"{spec.quote_currency}{currency}", f"{currency}{spec.quote_currency}"}
    return bool(pairs & set(instruments.specs()))


def spread_source(instrument: str) -> str:
    """Say whether the spreads of the desk's bars were recorded, or by which table they were assumed.

    Raise HardFaults where the replay's manifest cannot be read.
    """
    told = replay.manifest() or {}
    for entry in told.get("instruments", []):
        if entry["name"] == instrument:
            return str(entry.get("spread", "recorded"))[:64]
    return "recorded"


def _limits(account: str, source: str, instrument: str) -> RiskLimits:
    return inforce.limits([f"account:{account}", source], instrument=instrument)


def _ceilings(
    limits: RiskLimits, scope: str, metric: Metric, instrument: str, equity: Decimal
) -> list[Decimal]:
    try:
        return [row.ceiling(equity) for row in limits.of(scope, metric, instrument=instrument)]
    except MissingLimit:
        return []
