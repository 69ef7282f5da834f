"""What a gauge keeps for pages beside the figures of limits, as values: methods, exposures, correlations."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.risk.gauges import ScopeRisk


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """Value at risk and expected shortfall of positions alone, one day, 99 %; None is not known."""

    name: str
    var: Decimal | None
    es: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """Signed money of the base currency; `of` is `currency` or `instrument`."""

    of: str
    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """Of daily returns; `rows` has a row and a column for each of `names`, in their order."""

    names: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """`days` of history stand behind the methods, None where nothing was worked out yet."""

    days: int | None
    methods: tuple[Method, ...]
    exposures: tuple[Exposure, ...]
    instruments: tuple[Exposure, ...]
    correlation: Correlation | None


def measured(risk: ScopeRisk) -> Measured:
    """Read what a gauge keeps for pages."""
    kept = risk.figures
    var, es = _mapping(kept.get("var")), _mapping(kept.get("es"))
    days = kept.get("days")
    return Measured(
        days=days if isinstance(days, int) else None,
        methods=tuple(
            Method(name=name, var=_number(var.get(name)), es=_number(es.get(name))) for name in {**var, **es}
        ),
        exposures=tuple(
            Exposure(of=name.partition("|")[0], name=_plain(name), amount=amount)
            for name, amount in _amounts(kept.get("factors"))
        ),
        instruments=tuple(
            Exposure(of="instrument", name=name, amount=amount)
            for name, amount in _amounts(kept.get("instruments"))
        ),
        correlation=_correlation(_mapping(kept.get("correlation"))),
    )


def _correlation(kept: Mapping[str, Any]) -> Correlation | None:
    names = kept.get("names") or ()
    if not names:
        return None
    rows = tuple(tuple(float(one) for one in row) for row in kept.get("rows") or ())
    return Correlation(names=tuple(_plain(name) for name in names), rows=rows)


def _plain(factor: str) -> str:
    """Return what a factor is of: `currency|EUR` is EUR."""
    return factor.rpartition("|")[2]


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _amounts(found: Any) -> list[tuple[str, Decimal]]:
    pairs = ((name, _number(text)) for name, text in _mapping(found).items())
    known = [(name, amount) for name, amount in pairs if amount is not None]
    return sorted(known, key=lambda pair: -abs(pair[1]))


def _number(text: object) -> Decimal | None:
    """Read an exact number that is kept as text; an empty text is not known."""
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
