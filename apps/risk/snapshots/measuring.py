"""One round of measuring: read every account, work out every scope, write where each stands."""

import logging
from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.portfolio import ledger
from apps.portfolio.domain.book import Book
from apps.portfolio.errors import Busy
from apps.risk import covariances
from apps.risk.breakers import measuring
from apps.risk.snapshots import writing
from apps.risk.snapshots.reading import Ground, Risk, Round, read

log = logging.getLogger(__name__)

DESK = "desk"


def measure(*, figures: bool | None = None) -> bool:
    """Measure every scope and write it down; False where the desk's room stayed held: the old figures stay.

    `figures` also works out what pages show beside and keeps a RiskSnapshot of every scope that holds
    something; None does so once a minute.
    """
    try:
        found = _round()
    except Busy as error:
        log.warning("nothing was measured: %s", error)
        return False
    with transaction.atomic():
        writing.write(found, figures=figures)
        ledger.end_snapshot(found.number, {scope: _known(one.risk) for scope, one in found.readings.items()})
    return True


def _known(risk: Risk) -> dict[str, Decimal]:
    """Return what a counter can be set to; one whose figure is not known only grows until it is."""
    measured = {"sigma": risk.sigma, "var": risk.var, "es": risk.es}
    return {metric: figure for metric, figure in measured.items() if figure is not None}


def _round() -> Round:
    """Read everything: an entry is in the books that `begin_snapshot` returns, or counted since."""
    number, began_at = _next_number(), timezone.now()
    held = ledger.begin_snapshot(number)
    seen = measuring.look()
    covariance, fault = covariances.judged(seen.now)
    ground = Ground(seen=seen, covariance=covariance, covariance_fault=fault, base=settings.MTQ_BASE_CURRENCY)
    parts = _parts(held)
    readings = {
        scope: read(own, ground, own_equity=not scope.startswith("source:")) for scope, own in parts.items()
    }
    return Round(number=number, began_at=began_at, ground=ground, readings=readings)


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('risk_snapshot_number')")
        number: int = cursor.fetchone()[0]
    return number


def _parts(held: Sequence[Book]) -> dict[str, tuple[Book, ...]]:
    """Return the books of every scope: of the desk all, of a source its own part of each."""
    parts = {DESK: tuple(held)} | {f"account:{book.account.slug}": (book,) for book in held}
    for book in held:
        for source in sorted(_sources(book)):
            scope = f"source:{source}"
            parts[scope] = (*parts.get(scope, ()), book.part_of(source))
    return parts


def _sources(book: Book) -> set[str]:
    return {source for source, _ in book.virtual} | {order.source for order in book.open_orders}
