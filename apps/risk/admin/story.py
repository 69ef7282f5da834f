"""One review told from top to bottom: checks with bars, sizing, what it was judged by, what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.edges import figures, tables
from apps.portfolio import overview as holdings
from apps.risk import overview
from apps.risk.admin.denials import currency_of
from apps.risk.admin.pages import figure
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.limits import Metric
from apps.risk.models import RiskLimit, RiskReview
from apps.risk.overview import check_name, metric_name, scope_name

WHOLE = Decimal(1)
COMPARED = ("quantity", "price", "stop_loss", "take_profit")
METRICS = {metric.value for metric in Metric}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One check as text; `fill` and `mark` (the limit) are per cent of its bar, empty without a limit."""

    name: str
    code: str
    tone: str
    says: str
    value: str
    limit: str
    apart: str
    fill: str
    mark: str
    text: str
    took: str


def checks(review: RiskReview) -> SafeString | str:
    """Show every check in the order it was asked, before them the reasons that no check gave."""
    results = [result for result in review.results if isinstance(result, Mapping)]
    asked = {result.get("check") for result in results}
    apart = [
        {**reason, "passed": False}
        for reason in review.reasons
        if isinstance(reason, Mapping) and reason.get("check") not in asked
    ]
    texts = {reason.get("check"): reason.get("text", "") for reason in _mappings(review.reasons)}
    names = holdings.account_names([review.account])
    known = {slug: currency for slug, (_, currency) in names.items()}
    rows = [_row(found, texts, review.account, known) for found in (*apart, *results)]
    if not rows:
        return figures.NONE
    denied = sum(row.tone == "over" for row in rows)
    return render_to_string("risk/checks.html", {"rows": rows, "denied": denied})


def _mappings(found: Any) -> list[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _row(
    found: Mapping[str, Any], texts: Mapping[Any, str], account: str, currencies: Mapping[str, str]
) -> CheckRow:
    code, passed = str(found.get("check", "")), bool(found.get("passed"))
    currency = currency_of(code, account, currencies)
    value, limit = number(found.get("value")), number(found.get("limit"))
    fill, mark = _bar(value, limit)
    tone, says = _verdict(found, passed=passed)
    unit = str(found.get("unit", ""))
    over = None if passed else overview.beyond(value, limit, reason=str(found.get("reason", "")))
    left = value is not None and limit is not None and passed
    took = found.get("elapsed_ms")
    return CheckRow(
        name=check_name(code),
        code=code,
        tone=tone,
        says=says,
        value=figure(value, unit, currency),
        limit=figure(limit, unit, currency),
        apart=f"{figure(over, unit, currency)} beyond"
        if over is not None
        else f"{figure(abs(limit - value), unit, currency)} left"
        if left and limit is not None and value is not None
        else "",
        fill=fill,
        mark=mark,
        text=str(texts.get(code) or found.get("text") or found.get("note") or ""),
        took=f"{took:.3f}{figures.TIED}ms" if isinstance(took, int | float) else figures.NONE,
    )


def _verdict(found: Mapping[str, Any], *, passed: bool) -> tuple[str, str]:
    if not passed:
        return "over", "✕ denied"
    return ("soft", "! soft limit") if found.get("soft") else ("good", "✓ passed")


def _bar(value: Decimal | None, limit: Decimal | None) -> tuple[str, str]:
    """Return how far a bar is filled and where its limit stands, on a scale that both fit on."""
    if value is None or limit is None or limit < 0:
        return "", ""
    most = max(abs(value), limit)
    if not most:
        return "0", "100"
    return f"{abs(value) / most * 100:.1f}", f"{limit / most * 100:.1f}"


def number(text: object) -> Decimal | None:
    """Read a figure that is kept as text, None where it is no finite number."""
    try:
        found = Decimal(str(text))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def sizing(review: RiskReview) -> SafeString | str:
    """Show what was asked, what every sizer allows, the least of them, and what may be sent."""
    notes = review.sizing if isinstance(review.sizing, Mapping) else {}
    caps = notes.get("caps")
    if not isinstance(caps, Mapping) or not caps:
        return tables.pairs(notes) if notes else "not sized: an exit, or denied before"
    lots = {"asked for": notes.get("requested"), **caps, "may be sent": notes.get("quantity")}
    known = {name: amount for name, text in lots.items() if (amount := number(text)) is not None}
    most = max(known.values(), default=WHOLE) or WHOLE
    least = min((amount for name, amount in known.items() if name in caps), default=None)
    rows = [
        {
            "name": name.replace("_", " "),
            "lots": figures.readable(f"{amount:f}"),
            "fill": f"{max(Decimal(0), amount) / most * 100:.1f}",
            "least": name in caps and amount == least,
        }
        for name, amount in known.items()
    ]
    others = {name: value for name, value in notes.items() if name not in {"caps", "requested", "quantity"}}
    return render_to_string("risk/sizing.html", {"rows": rows, "others": tables.pairs(others)})


def quotes(review: RiskReview) -> SafeString | str:
    """Show the quotes that the order was judged by, and what was wrong with those that were missing."""
    found = review.quotes if isinstance(review.quotes, Mapping) else {}
    used, faults = found.get("used") or {}, found.get("faults") or {}
    rows = [
        (name, *(figures.trim(quote[side]) for side in ("bid", "ask")), quote.get("at", ""))
        for name, quote in sorted(used.items())
    ]
    rows += [(name, str(fault).replace("_", " "), "", "") for name, fault in sorted(faults.items())]
    return tables.table(("Instrument", "Bid", "Ask", "Desk time"), rows)


def levels(review: RiskReview) -> SafeString | str:
    """Show where the breakers stood."""
    return tables.table(
        ("Scope", "Level"),
        ((scope, f"{level} {BreakerLevel(int(level)).name}") for scope, level in review.levels.items()),
    )


def versions(review: RiskReview) -> SafeString | str:
    """Show which version of each limit was in force, each with a link to it."""
    named = [(key, _parts(str(key)), version) for key, version in review.limit_versions.items()]
    rows = RiskLimit.objects.filter(scope__in={scope for _, (scope, *_), _ in named})
    known = {(row.scope, row.metric, row.instrument or row.currency, row.version): row for row in rows}
    return tables.table(
        ("Scope", "Limit", "Hard then", "Version"),
        (
            _version(key, known.get((*parts, version)), parts, version)
            for key, parts, version in sorted(named)
        ),
    )


def _version(key: str, row: RiskLimit | None, parts: tuple[str, str, str], version: int) -> Sequence[Any]:
    scope, metric, counts = parts
    if row is None:
        return key, metric, figures.NONE, version
    link = reverse("admin:risk_risklimit_change", args=(row.pk,))
    name = metric_name(metric) + (f" of {counts}" if counts else "")
    hard = f"{figures.plain(row.hard)}{figures.TIED}{row.unit}"
    return scope_name(scope), format_html('<a class="text-link" href="{}">{}</a>', link, name), hard, version


def _parts(key: str) -> tuple[str, str, str]:
    """Take `account:paper-1:gross:EURUSD` apart: a scope has colons of its own, a metric is known by name."""
    words = key.split(":")
    at = next((place for place in range(len(words) - 1, 0, -1) if words[place] in METRICS), None)
    if at is None:
        return key, "", ""
    return ":".join(words[:at]), words[at], ":".join(words[at + 1 :])


def order(review: RiskReview) -> SafeString | str:
    """Show the order beside what was asked for, and what happened to it."""
    facts = holdings.order_facts(review.client_order_id)
    if facts is None:
        return "no order: it could not be one"
    asked = review.request if isinstance(review.request, Mapping) else {}
    compared = [
        (name.replace("_", " "), _plain(asked.get(name)), _plain(getattr(facts, name))) for name in COMPARED
    ]
    link = reverse("admin:portfolio_order_change", args=(facts.pk,))
    return format_html(
        '<p><a class="text-link" href="{}">{}</a>: {}</p>{}{}',
        link,
        review.client_order_id,
        facts.status,
        tables.table(("Figure", "As asked", "As permitted"), compared),
        tables.table(
            ("When (UTC)", "Event", "Status"),
            ((figures.moment(at), kind, status) for at, kind, status in facts.events),
        ),
    )


def _plain(value: object) -> str:
    known = number(value)
    return figures.NONE if known is None else figures.plain(known)
