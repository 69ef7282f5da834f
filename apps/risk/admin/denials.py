"""The page of what was denied lately: a bar for each check, denials below, and the same rows as a file."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone

from apps.edges import figures, rights
from apps.portfolio import overview as holdings
from apps.risk import overview
from apps.risk.admin.pages import Pages, figure
from apps.risk.models import RiskReview
from apps.risk.overview import Denial, Denials, check_name, source_name

WINDOWS = {"24h": timedelta(hours=24), "7d": timedelta(days=7)}
FILTERS = ("check", "source", "account", "instrument")
SHOWN = 100  # of the newest reviews; the file has them all
MOST_IN_FILE = 100_000
COLUMNS = (
    "review", "at_utc", "account", "source", "instrument", "check", "reason", "value", "limit", "unit",
    "over", "elapsed_ms", "text",
)  # fmt: skip
# A spreadsheet would run a cell that begins with one of these.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for; an unknown window is the shorter one."""

    window: str
    named: Mapping[str, str]

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        window = request.GET.get("window", "")
        return cls(
            window=window if window in WINDOWS else "24h",
            named={name: request.GET.get(name, "").replace("\x00", "") for name in FILTERS},
        )

    def rows(self, user: Any, **instead: str) -> QuerySet[RiskReview]:
        since = timezone.now() - WINDOWS[self.window]
        found = overview.denied(since=since, **{**self.named, **instead})
        return rights.only_visible(user, found, {rights.ACCOUNT: "account"})

    def address(self, **instead: str) -> str:
        kept = {"window": self.window, **self.named, **instead}
        return "?" + urlencode({name: text for name, text in kept.items() if text})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckBar:
    name: str
    count: int
    fill: str
    link: str
    chosen: bool
    parts: tuple[tuple[str, int, str], ...]
    instruments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    link: str
    at: str
    account: str
    source: str
    instrument: str
    check: str
    value: str
    limit: str
    over: str
    text: str
    took: str


class DenialsPage(Pages):
    """Adds the page and its file to the list of reviews."""

    def get_urls(self) -> list[Any]:
        own = [
            self.beside("denials/", self.denials, "risk_denials"),
            self.beside("denials.csv", self.denials_file, "risk_denials_file"),
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def denials(self, request: HttpRequest) -> HttpResponse:
        asked = Asked.of(request)
        # The bars leave out the chosen check: one sees what it is one of.
        counted = overview.by_check(asked.rows(request.user, check=""))
        rows = asked.rows(request.user)
        currencies = _currencies(request.user)
        return self.page(
            request,
            "risk/denials.html",
            title="Denied orders by check",
            asked=asked,
            windows=[(name, asked.address(window=name)) for name in WINDOWS],
            bars=_bars(counted, asked),
            lines=[
                _line(denial, currencies)
                for denial in overview.each(rows, check=asked.named["check"], limit=SHOWN)
            ],
            total=rows.count(),
            most=SHOWN,
            chosen=[(name, text, asked.address(**{name: ""})) for name, text in asked.named.items() if text],
            accounts=sorted(rights.visible(request.user, rights.ACCOUNT)),
            file=reverse("admin:risk_denials_file") + asked.address(),
        )

    def denials_file(self, request: HttpRequest) -> StreamingHttpResponse:
        asked = Asked.of(request)
        found = overview.each(asked.rows(request.user), check=asked.named["check"], limit=MOST_IN_FILE)
        answer = StreamingHttpResponse(_written(found), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="denials-{asked.window}.csv"'
        return answer


def currency_of(check: str, account: str, currencies: Mapping[str, str]) -> str:
    """Return the currency of a check's money: the desk's and a source's figures are in the base currency."""
    if check.endswith(("_desk", "_source")):
        return str(settings.MTQ_BASE_CURRENCY)
    return currencies.get(account, "")


def _currencies(user: Any) -> dict[str, str]:
    names = holdings.account_names(rights.visible(user, rights.ACCOUNT))
    return {slug: currency for slug, (_, currency) in names.items()}


def _bars(counted: list[Denials], asked: Asked) -> list[CheckBar]:
    most = max((one.count for one in counted), default=1)
    return [
        CheckBar(
            name=check_name(one.check),
            count=one.count,
            fill=f"{one.count / most * 100:.1f}",
            link=asked.address(check="" if one.check == asked.named["check"] else one.check),
            chosen=one.check == asked.named["check"],
            parts=tuple(
                (source_name(source), count, asked.address(check=one.check, source=source))
                for source, count in one.sources.items()
            ),
            instruments=", ".join(f"{name} {count}" for name, count in one.instruments.items()),
        )
        for one in counted
    ]


def _line(denial: Denial, currencies: Mapping[str, str]) -> Line:
    currency = currency_of(denial.check, denial.account, currencies)
    return Line(
        link=reverse("admin:risk_riskreview_change", args=(denial.review_id,)),
        at=figures.moment(denial.created_at),
        account=denial.account,
        source=source_name(denial.source),
        instrument=denial.instrument,
        check=check_name(denial.check),
        value=figure(denial.value, denial.unit, currency),
        limit=figure(denial.limit, denial.unit, currency),
        over=figure(denial.over, denial.unit, currency),
        text=denial.text,
        took=f"{denial.elapsed_ms:.1f}{figures.TIED}ms",
    )


class _Echo:
    """Gives back what a writer writes, so that the file is made while it is sent."""

    def write(self, row: str) -> str:
        return row


def _written(found: Iterator[Denial]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for one in found:
        yield writer.writerow(
            (
                one.review_id, one.created_at.isoformat(), *map(_cell, (one.account, one.source)),
                *map(_cell, (one.instrument, one.check, one.reason)),
                *(figures.plain(value) if value is not None else "" for value in (one.value, one.limit)),
                _cell(one.unit), "" if one.over is None else figures.plain(one.over), f"{one.elapsed_ms:.3f}",
                _cell(one.text),
            )
        )  # fmt: skip


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
