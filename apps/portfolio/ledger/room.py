"""What accounts take of the figures that they share, brought to prices of now and to what measurements say.

A permit writes the figures of its own account as they are when it commits. In between prices move, exits
fill, and the venue does things of its own.
"""

import json
import logging
from collections.abc import Callable, Mapping
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction

from apps.marketdata import clock, instruments, quotes
from apps.marketdata.domain.quote import Quote
from apps.marketdata.domain.sessions import trading_day
from apps.marketdata.errors import StoreUnavailable
from apps.portfolio import locks
from apps.portfolio.books import AccountView, Book, load, load_all
from apps.portfolio.domain.book import Specs
from apps.portfolio.domain.hedging import hedged
from apps.portfolio.domain.rates import convert
from apps.portfolio.domain.use import Figures, of_that_day, texts, uses
from apps.portfolio.errors import Busy, NoMark, NoRate
from apps.portfolio.models import Account, ScopeShare

logger = logging.getLogger(__name__)
SpecsOf = Callable[[AccountView], Specs]
DESK, SOURCE, EXTERNAL = "desk", "source:", "external"
DESK_ROOM = "desk-room"  # the gate before the rows of the desk, last of all locks
GATE_WAIT_MS = 2000
SIGMA = "sigma"
BOUND = ("es", SIGMA, "var")  # figures that a snapshot measures, and does not net until the next
_BORN = """
INSERT INTO portfolio_scopeuse (scope, metric, key, used, pending, limit_version, number, updated_at)
SELECT 'desk', metric, '', 0, 0, 0, 0, clock_timestamp() FROM unnest(%s::text[]) AS metric
ON CONFLICT (scope, metric, key) DO NOTHING
"""
_BEGIN = """
UPDATE portfolio_scopeuse SET pending = 0, number = %s WHERE metric = ANY(%s)
"""
_END = """
INSERT INTO portfolio_scopeuse (scope, metric, key, used, pending, limit_version, number, updated_at)
SELECT v.scope, v.metric, '', v.value, 0, 0, %(number)s, clock_timestamp()
FROM jsonb_to_recordset(%(rows)s) AS v(scope text, metric text, value numeric)
ON CONFLICT (scope, metric, key) DO UPDATE
SET used = EXCLUDED.used + portfolio_scopeuse.pending, updated_at = EXCLUDED.updated_at
WHERE portfolio_scopeuse.number = EXCLUDED.number
"""
_NO_CAPS = """
UPDATE portfolio_scopeuse SET hard = NULL, limit_version = 0 WHERE scope = 'desk' AND hard IS NOT NULL
"""


def rebase_all(specs_of: SpecsOf) -> int:
    """Bring every account's figures to prices of now, then the desk's to their sum; return how many could be.

    `specs_of` an account has the margin rates that count for it; it and its specs may raise LookupError.

    An account that is held, or of which anything is not known, keeps what it has and stops no other: the next
    round comes soon.
    """
    marks = read_marks()
    done = sum(_rebase_one(slug, marks, specs_of) for slug in Account.objects.values_list("slug", flat=True))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT portfolio_sum_desk(%s)", [list(BOUND)])
    return done


def _rebase_one(slug: str, marks: Mapping[str, Quote], specs_of: SpecsOf) -> bool:
    try:
        with transaction.atomic():
            locks.lock_account(slug, exit=True)
            return _rebase(slug, marks, specs_of)
    except Busy as error:
        logger.info("the figures of %s stay for now: %s", slug, error)
        return False


def _rebase(slug: str, marks: Mapping[str, Quote], specs_of: SpecsOf) -> bool:
    """Write an account's figures as they are, under its lock; False where one of them cannot be told."""
    book = load(slug)
    try:
        specs = specs_of(book.account)
        desk = _with_tickets(book, _of(book, marks, specs), marks, specs)
        parts = {source: _of(book.part_of(source), marks, specs) for source in book.sources() - {EXTERNAL}}
    except (NoMark, NoRate) as missing:
        logger.info("the figures of %s stay for now: %s", slug, missing)
        return False
    except LookupError as missing:  # what its regulator needs to be said of an instrument: it does not pass
        logger.warning("the figures of %s stay as they are: %s: %s", slug, type(missing).__name__, missing)
        return False
    _write(slug, desk, parts)
    return True


def rebase_now(slug: str, marks: Mapping[str, Quote]) -> None:
    """Count at once what no reservation stood for, under the account's lock and at prices read before it.

    Margin is the venue's till the next round.
    """
    _rebase(slug, marks, lambda _: instruments.specs())


def begin_snapshot(number: int) -> tuple[Book, ...]:
    """Begin a measurement: return every account's book, and count from that moment on what entries add.

    Entries that add to what is measured commit behind the same gate, so each is in the books or it is counted
    beside them, never both. Raise Busy where the gate stays held.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        with locks.held_by_others("the room of the desk"):
            cursor.execute(
                "SELECT portfolio_lock(%s, %s, %s)", [[locks.key(DESK_ROOM)], [False], GATE_WAIT_MS]
            )
        cursor.execute(_BORN, [list(BOUND)])
        cursor.execute(_BEGIN, [number, list(BOUND)])
        return load_all()


def end_snapshot(number: int, values: Mapping[str, Mapping[str, Decimal]]) -> None:
    """Put in force what was measured of each scope, with what was permitted there since it began.

    An older measurement is ignored.
    """
    rows = [
        {"scope": scope, "metric": metric, "value": f"{value:f}"}
        for scope, measured in values.items()
        for metric, value in measured.items()
        if scope == DESK or (scope.startswith(SOURCE) and metric == SIGMA)  # what entries are counted to
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [locks.key(DESK_ROOM)])
        cursor.execute(_END, {"rows": json.dumps(rows), "number": number})


def forget_caps() -> None:
    """Forget the caps beside the desk's figures, where its limits change: each entry brings those in force.

    For the transaction that changes a limit, under the desk's lock.
    """
    with connection.cursor() as cursor, locks.held_by_others("the room of the desk"):
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [locks.key(DESK_ROOM)])
        cursor.execute(_NO_CAPS)


def read_marks() -> dict[str, Quote]:
    """Read the prices of now, while nothing is held: a store that is away may take seconds to tell none."""
    try:
        return quotes.fresh(instruments.specs(), now=clock.desk_now())
    except StoreUnavailable as error:
        logger.warning("figures cannot be brought to prices of now: %s", error)
        return {}


def _of(book: Book, marks: Mapping[str, Quote], specs: Specs) -> Figures:
    return uses(book, marks, specs, currency=settings.MTQ_BASE_CURRENCY)


def _with_tickets(book: Book, figures: Figures, marks: Mapping[str, Quote], specs: Specs) -> Figures:
    """Add what net positions of a hedging account hide, as a permit does: for the account, no source."""
    if not book.account.hedging:
        return figures
    own, base = book.account.currency, settings.MTQ_BASE_CURRENCY
    lots = [(ticket.instrument, ticket.quantity) for ticket in book.tickets]
    for name, amount in hedged(book, lots, marks, specs).items():
        owed = -convert(-amount, source=own, target=base, quotes=marks)
        figures[name] = figures.get(name, Decimal(0)) + owed
    return figures


def _write(slug: str, desk: Figures, parts: Mapping[str, Figures]) -> None:
    account = Account.objects.get(slug=slug)
    day = trading_day(clock.desk_now())
    counted = {
        share.scope: of_that_day({name: Decimal(text) for name, text in share.uses.items()}, day)
        for share in ScopeShare.objects.filter(account=account)
    }
    sources = {f"{SOURCE}{source}": figures for source, figures in parts.items()}
    gone = {scope: Figures() for scope in counted if scope != DESK and scope not in sources}
    sources = {scope: figures | counted.get(scope, {}) for scope, figures in (sources | gone).items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT portfolio_rebase(%s, %s, %s)",
            [
                account.pk,
                json.dumps(texts(desk | counted.get(DESK, {}))),
                json.dumps({scope: texts(figures) for scope, figures in sources.items()}),
            ],
        )
