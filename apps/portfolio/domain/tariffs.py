"""What venues take per instrument, as versioned tables: a changed figure is a new version, never an edit.

`paper-1` is the tariff of the paper venue: commission per lot and side in the account's currency, swap in
points per lot and night, fills at the quote without slippage. The spread is not here: it comes with the bars.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.portfolio.domain.costs import CostTerms

NOTHING = Decimal(0)
LATEST = "paper-1"


class NoTariff(LookupError):  # noqa: N818 - it names what is missing
    """No table of that version has the instrument: costs are never taken as zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Swaps are in points per lot and night, signed as a cost: negative where the venue pays the holder.

    `commission_per_lot` is for one side, in the account's currency; `slippage` is in points.
    """

    point: Decimal
    commission_per_lot: Decimal
    swap_long: Decimal
    swap_short: Decimal
    slippage: Decimal = NOTHING


def _pair(swap_long: str, swap_short: str, *, point: str = "0.00001", commission: str = "3.50") -> Tariff:
    return Tariff(
        point=Decimal(point),
        commission_per_lot=Decimal(commission),
        swap_long=Decimal(swap_long),
        swap_short=Decimal(swap_short),
    )


TARIFFS: Mapping[str, Mapping[str, Tariff]] = {
    "paper-1": {
        "EURUSD": _pair("6.4", "-1.9"),
        "GBPUSD": _pair("3.7", "2.2"),
        "USDJPY": _pair("-7.1", "15.8", point="0.001"),
        "USDCHF": _pair("-4.6", "9.9"),
        "USDCAD": _pair("1.4", "3.3"),
        "AUDUSD": _pair("2.9", "0.6"),
        "NZDUSD": _pair("2.5", "0.8"),
        "EURGBP": _pair("4.8", "-0.7"),
        "EURJPY": _pair("-4.3", "11.5", point="0.001"),
        "GBPJPY": _pair("-8.8", "19.4", point="0.001"),
        "AUDJPY": _pair("-3.9", "9.6", point="0.001"),
        "XAUUSD": _pair("32.5", "-14.1", point="0.01"),
        "DE30EUR": _pair("15.0", "7.0", point="0.1", commission="0.00"),
        "SPY": _pair("4.0", "2.0", point="0.01", commission="0.02"),
    }
}


def tariff(instrument: str, *, version: str = LATEST) -> Tariff:
    """Return what the venue takes. Raise NoTariff for an unknown version or instrument."""
    if version not in TARIFFS:
        raise NoTariff(f"there is no table of costs named {version}")
    found = TARIFFS[version].get(instrument)
    if found is None:
        raise NoTariff(f"the table of costs {version} has no row for {instrument}")
    return found


def terms_of(spec: InstrumentSpec, *, version: str = LATEST, spread: Decimal = NOTHING) -> CostTerms[Decimal]:
    """Return the costs of one lot: swap in the quote currency, commission in the account's.

    Raise NoTariff.
    """
    found = tariff(spec.name, version=version)
    point_value = found.point * spec.contract_size
    return CostTerms(
        contract_size=spec.contract_size,
        spread=spread,
        slippage=found.slippage * found.point,
        commission_per_lot=found.commission_per_lot,
        swap_long_per_lot=found.swap_long * point_value,
        swap_short_per_lot=found.swap_short * point_value,
    )


def array_terms_of(
    spec: InstrumentSpec, *, version: str = LATEST, spread: NDArray[np.float64]
) -> CostTerms[NDArray[np.float64]]:
    """Return the same as float64 arrays of the shape of `spread` (price units). Raise NoTariff."""
    exact = terms_of(spec, version=version)
    return CostTerms(
        contract_size=np.full_like(spread, float(exact.contract_size)),
        spread=spread,
        slippage=np.full_like(spread, float(exact.slippage)),
        commission_per_lot=np.full_like(spread, float(exact.commission_per_lot)),
        swap_long_per_lot=np.full_like(spread, float(exact.swap_long_per_lot)),
        swap_short_per_lot=np.full_like(spread, float(exact.swap_short_per_lot)),
    )
