"""What was denied lately, counted by the check that denied it, and each with how far beyond it went."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Count, F, Func, QuerySet, TextField, Value

from apps.risk.models import RiskReview

NOT_PASSED = ("denied", "refused")
# These compare nothing that could be gone beyond: a step, a side of the price, a number that is none.
NO_DISTANCE = frozenset({"lot_step", "tick_size", "bad_protection", "bad_price", "bad_quantity"})


class _Check(Func):
    """The checks that a review's reasons name, one row each; an order may be denied by several."""

    function = "jsonb_path_query"
    template = "(%(function)s(%(expressions)s) #>> '{}')"
    output_field = TextField()


@dataclass(frozen=True, slots=True, kw_only=True)
class Denials:
    """How often one check denied. An order that two checks deny counts once for each of them."""

    check: str
    count: int
    sources: Mapping[str, int]
    instruments: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """One reason of one review. `over` is how far the value lies beyond the limit, None where nothing does.

    `created_at` is wall time; `unit` is one of `domain.limits.Unit`, `price`, or empty.
    """

    review_id: int
    created_at: datetime
    account: str
    source: str
    instrument: str
    check: str
    reason: str
    value: Decimal | None
    limit: Decimal | None
    unit: str
    over: Decimal | None
    text: str
    elapsed_ms: float


def denied(
    *, since: datetime, check: str = "", source: str = "", account: str = "", instrument: str = ""
) -> QuerySet[RiskReview]:
    """Return the reviews since a moment of wall time that did not pass, newest first."""
    rows = RiskReview.objects.filter(verdict__in=NOT_PASSED, created_at__gte=since)
    named = {"source": source, "account": account, "instrument": instrument}
    rows = rows.filter(**{name: value for name, value in named.items() if value})
    return rows.filter(reasons__contains=[{"check": check}]) if check else rows


def by_check(rows: QuerySet[RiskReview]) -> list[Denials]:
    """Count reviews by the checks that denied them, the most frequent first, in one statement."""
    counted = (
        rows.order_by()
        .annotate(denied_by=_Check(F("reasons"), Value("$[*].check")))
        .values("denied_by", "source", "instrument")
        .annotate(times=Count("id", distinct=True))
    )
    sources: dict[str, Counter[str]] = {}
    instruments: dict[str, Counter[str]] = {}
    for row in counted:
        sources.setdefault(row["denied_by"], Counter())[row["source"]] += row["times"]
        instruments.setdefault(row["denied_by"], Counter())[row["instrument"]] += row["times"]
    found = [
        Denials(
            check=check,
            count=sum(by_source.values()),
            sources=dict(by_source.most_common()),
            instruments=dict(instruments[check].most_common()),
        )
        for check, by_source in sources.items()
    ]
    return sorted(found, key=lambda one: (-one.count, one.check))


def each(rows: QuerySet[RiskReview], *, check: str = "", limit: int) -> Iterator[Denial]:
    """Yield the reasons of the newest `limit` reviews, of one check alone where named."""
    for row in rows.order_by("-id")[:limit].iterator():
        for reason in row.reasons:
            if check in {"", reason.get("check", "")}:
                yield _denial(row, reason)


def _denial(row: RiskReview, reason: Mapping[str, Any]) -> Denial:
    value, limit = _number(reason.get("value")), _number(reason.get("limit"))
    code = reason.get("reason", "")
    return Denial(
        review_id=row.pk,
        created_at=row.created_at,
        account=row.account,
        source=row.source,
        instrument=row.instrument,
        check=reason.get("check", ""),
        reason=code,
        value=value,
        limit=limit,
        unit=reason.get("unit", ""),
        over=beyond(value, limit, reason=code),
        text=reason.get("text", ""),
        elapsed_ms=row.elapsed_ms,
    )


def beyond(value: Decimal | None, limit: Decimal | None, *, reason: str) -> Decimal | None:
    """Return how far a denied value lies from its limit, on whichever side that is not allowed."""
    if value is None or limit is None or reason in NO_DISTANCE:
        return None
    return abs(value - limit)


def _number(text: object) -> Decimal | None:
    """Read a figure of a stored reason; NaN and what is no number are kept in its text alone."""
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
