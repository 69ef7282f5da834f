"""A review as a row: what was asked, every finding, and what it was judged by."""

from collections.abc import Iterable
from dataclasses import fields
from decimal import Decimal
from typing import Any

from django.utils import timezone

from apps.marketdata.domain.quote import Quote
from apps.portfolio.domain.order import OrderRequest
from apps.portfolio.domain.rates import PIVOT
from apps.portfolio.domain.use import exact_text
from apps.risk.domain.checks import Result
from apps.risk.domain.verdict import Breach
from apps.risk.models import RiskReview
from apps.risk.review.judging import Judged

LONGEST_RAW = 2000


def review_of(request: OrderRequest, judged: Judged, *, order_id: str, elapsed_ms: float) -> RiskReview:
    """Return the row of a judged order. `elapsed_ms` runs up to this row: waiting, reading and judging."""
    market = judged.context.market
    return RiskReview(
        client_order_id=order_id,
        account=request.account,
        source=request.source,
        instrument=request.instrument,
        verdict="denied" if judged.breaches else "approved",
        request=_asked(request),
        reasons=[breach.as_json() for breach in judged.breaches],
        results=[result_as_json(result) for result in judged.results],
        sizing=judged.sizing,
        quotes={
            "used": {name: _quote(quote) for name, quote in _used(judged).items()},
            "faults": {name: fault for name, fault in market.faults.items() if name == request.instrument},
        },
        levels={str(at): int(level) for at, level in judged.context.levels.items()},
        limit_versions=judged.rows.limits.versions(),
        soft=any(result.found.soft for result in judged.results),
        elapsed_ms=elapsed_ms,
    )


def expiry_of(request: OrderRequest, why: Breach, *, order_id: str) -> RiskReview:
    """Return the row of an order that nobody could judge in its time."""
    return RiskReview(
        client_order_id=order_id,
        account=request.account,
        source=request.source,
        instrument=request.instrument,
        verdict="denied",
        request=_asked(request),
        reasons=[why.as_json()],
        elapsed_ms=0.0,
    )


def refusal_of(request: OrderRequest, why: Breach, *, elapsed_ms: float) -> RiskReview:
    """Return the row of what cannot be an order: its text alone, cut."""
    return RiskReview(
        account=_plain(request.account),
        source=_plain(request.source),
        instrument=_plain(request.instrument),
        verdict="refused",
        request={"raw": ascii(request)[:LONGEST_RAW]},
        reasons=[why.as_json()],
        elapsed_ms=elapsed_ms,
    )


def document(row: RiskReview) -> dict[str, Any]:
    """Return every column of a review but its key, for the statement that writes it."""
    fields = RiskReview._meta.concrete_fields  # noqa: SLF001 (what Django calls the public face of a model)
    columns = (field for field in fields if not field.primary_key)
    values = {column.attname: getattr(row, column.attname) for column in columns}
    return values | {"created_at": timezone.now().isoformat()}


def _plain(text: str) -> str:
    return text.replace("\x00", "?")[:80]


def _asked(request: OrderRequest) -> dict[str, Any]:
    return {
        field.name: None if value is None else value if isinstance(value, bool | int) else str(value)
        for field in fields(request)
        for value in (getattr(request, field.name),)
    }


def result_as_json(result: Result) -> dict[str, Any]:
    """Return what a check found, without what it did not."""
    found = result.found
    shown: dict[str, Any] = {
        "check": result.check,
        "passed": not found.reason,
        "elapsed_ms": round(result.elapsed_ms, 3),
    }
    if found.reason:
        shown["reason"] = found.reason
    if found.value is not None:
        shown |= {"value": str(found.value), "unit": found.unit}
    if found.limit is not None:
        shown["limit"] = str(found.limit)
    if found.soft:
        shown["soft"] = True
    if found.note:
        shown["note"] = found.note
    return shown


def checks_of(
    results: Iterable[dict[str, Any]], reasons: Iterable[dict[str, Any]]
) -> tuple[dict[str, Any], ...]:
    """Return every check with all its fields, before them reasons that no check gave: sizing, intent.

    Numbers are text without zeros that mean nothing. Fields: check, passed, soft (passed beyond the soft
    limit), reason, value, limit, unit, text, elapsed_ms (None where it was not timed).
    """
    found = [dict(result) for result in results]
    asked = {result["check"] for result in found}
    apart = [reason | {"passed": False} for reason in reasons if reason["check"] not in asked]
    texts = {reason["check"]: reason.get("text", "") for reason in reasons}
    return tuple(_whole(result, texts) for result in (*apart, *found))


def _whole(found: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    name = found["check"]
    said = "" if found["passed"] else texts.get(name, "")
    return {
        "check": name,
        "passed": found["passed"],
        "soft": bool(found.get("soft")),
        "reason": found.get("reason", ""),
        "value": _number(found.get("value")),
        "limit": _number(found.get("limit")),
        "unit": found.get("unit", ""),
        "text": said or found.get("text") or found.get("note", ""),
        "elapsed_ms": found.get("elapsed_ms"),
    }


def _number(text: str | None) -> str | None:
    return None if text is None else exact_text(Decimal(text))


def _used(judged: Judged) -> dict[str, Quote]:
    """Return the quotes of what the account holds, of the order and of its conversion."""
    context = judged.context
    names = {judged.request.instrument, *context.book.holdings, *_pivots(context.spec.quote_currency)}
    currency = context.book.account.currency
    return {
        name: quote
        for name, quote in context.market.good.items()
        if name in names or currency in {name[:3], name[3:]}
    }


def _pivots(currency: str) -> tuple[str, str]:
    """Name the pairs that convert money of an order's quote currency where there is no direct one."""
    return currency + PIVOT, PIVOT + currency


def _quote(quote: Quote) -> dict[str, str]:
    return {"bid": str(quote.bid), "ask": str(quote.ask), "at": quote.quote_at.isoformat()}
