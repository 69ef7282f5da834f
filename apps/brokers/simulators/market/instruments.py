"""What the venue trades: one record per instrument, as a broker would publish it."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

Kind = Literal["fx", "metal", "index", "share"]

MAJORS = {"EURUSD", "GBPUSD", "USDJPY", "USDCHF", "USDCAD", "AUDUSD", "NZDUSD"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentRecord:
    """Sizes are in lots, levels in points, swaps in points per lot and night, commission per lot and side."""

    name: str
    description: str
    kind: Kind
    currency_base: str
    currency_profit: str
    currency_margin: str
    digits: int
    contract_size: Decimal
    margin_rate: Decimal
    volume_min: Decimal = Decimal("0.01")
    volume_step: Decimal = Decimal("0.01")
    volume_max: Decimal = Decimal(100)
    stops_level: int = 10
    swap_long: Decimal = Decimal("-4.2")
    swap_short: Decimal = Decimal("-1.1")
    commission_per_lot: Decimal = Decimal("3.50")

    @property
    def point(self) -> Decimal:
        return Decimal(1).scaleb(-self.digits)


def _pair(name: str, description: str, swap_long: str, swap_short: str) -> InstrumentRecord:
    base, quote = name[:3], name[3:]
    return InstrumentRecord(
        name=name,
        description=description,
        kind="fx",
        currency_base=base,
        currency_profit=quote,
        currency_margin=base,
        digits=3 if quote == "JPY" else 5,
        contract_size=Decimal(100_000),
        margin_rate=Decimal(1) / (30 if name in MAJORS else 20),
        swap_long=Decimal(swap_long),
        swap_short=Decimal(swap_short),
    )


def _single(name: str, description: str, kind: Kind, profit: str, **rest: object) -> InstrumentRecord:
    base = InstrumentRecord(
        name=name,
        description=description,
        kind=kind,
        currency_base=profit,
        currency_profit=profit,
        currency_margin=profit,
        digits=2,
        contract_size=Decimal(1),
        margin_rate=Decimal(1) / 20,
    )
    return replace(base, **rest)  # type: ignore[arg-type]


CATALOGUE: dict[str, InstrumentRecord] = {
    record.name: record
    for record in (
        _pair("EURUSD", "Euro vs US Dollar", "-6.4", "1.9"),
        _pair("GBPUSD", "Great Britain Pound vs US Dollar", "-3.7", "-2.2"),
        _pair("USDJPY", "US Dollar vs Yen", "7.1", "-15.8"),
        _pair("USDCHF", "US Dollar vs Swiss Franc", "4.6", "-9.9"),
        _pair("USDCAD", "US Dollar vs Canadian Dollar", "-1.4", "-3.3"),
        _pair("AUDUSD", "Australian Dollar vs US Dollar", "-2.9", "-0.6"),
        _pair("NZDUSD", "New Zealand Dollar vs US Dollar", "-2.5", "-0.8"),
        _pair("EURGBP", "Euro vs Great Britain Pound", "-4.8", "0.7"),
        _pair("EURJPY", "Euro vs Yen", "4.3", "-11.5"),
        _pair("GBPJPY", "Great Britain Pound vs Yen", "8.8", "-19.4"),
        _pair("AUDJPY", "Australian Dollar vs Yen", "3.9", "-9.6"),
        _single(
            "XAUUSD",
            "Gold vs US Dollar",
            "metal",
            "USD",
            currency_base="XAU",
            contract_size=Decimal(100),
            stops_level=20,
            swap_long=Decimal("-32.5"),
            swap_short=Decimal("14.1"),
        ),
        _single(
            "DE30EUR",
            "Germany 30 index",
            "index",
            "EUR",
            digits=1,
            volume_min=Decimal("0.1"),
            volume_step=Decimal("0.1"),
            volume_max=Decimal(1000),
            stops_level=10,
            swap_long=Decimal("-15.0"),
            swap_short=Decimal("-7.0"),
            commission_per_lot=Decimal("0.00"),
        ),
        _single(
            "SPY",
            "SPDR S&P 500 ETF, contract for difference",
            "share",
            "USD",
            margin_rate=Decimal(1) / 5,
            volume_min=Decimal(1),
            volume_step=Decimal(1),
            volume_max=Decimal(10_000),
            swap_long=Decimal("-4.0"),
            swap_short=Decimal("-2.0"),
            commission_per_lot=Decimal("0.02"),
        ),
    )
}


def lacking_conversion(names: list[str], currency: str) -> dict[str, str]:
    """Map each instrument whose money cannot be turned into `currency` to the currency that has no quote.

    The way is direct, inverse or through USD, over the instruments given.
    """
    lacking = {}
    for name in names:
        record = CATALOGUE[name]
        for money in (record.currency_profit, record.currency_margin):
            if not convertible(money, currency, names):
                lacking[name] = money
    return lacking


def convertible(money: str, currency: str, names: list[str]) -> bool:
    """Say whether quotes of `names` turn `money` into `currency`."""

    def linked(a: str, b: str) -> bool:
        return a == b or a + b in names or b + a in names

    return linked(money, currency) or (linked(money, "USD") and linked("USD", currency))
