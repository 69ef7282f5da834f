"""The first of a permit's two calls of the database: locks, then later all that is judged by."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.db import connection

from apps.marketdata import clock, instruments
from apps.marketdata.domain.sessions import trading_day
from apps.portfolio import books, locks
from apps.portfolio.domain.order import OrderRequest, OrderType, Side
from apps.portfolio.domain.use import figure, of_day
from apps.portfolio.errors import UnknownAccount
from apps.portfolio.ledger import Place
from apps.portfolio.locks import Wanted
from apps.risk import breakers
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.surroundings import (
    Bucket,
    Override,
    PastOrder,
    RestingOrder,
    SnapshotFigures,
    Surroundings,
    Ticket,
)
from apps.risk.review import inforce
from apps.risk.review.reading import DESK, Rows, breaker_scopes, limit_scopes

LATELY = timedelta(seconds=60)  # of desk time
ENTRIES, VALUE = "entries_day", "value_day"
Doc = Mapping[str, Any]
Figures = dict[str, Decimal]


def load(request: OrderRequest, order_id: str, wanted: Wanted) -> Rows:
    """Take the locks and read everything that an order is judged by, in one round trip.

    Without locks it writes nothing, for a preview: a breaker that never stood is taken as it would be born.
    Raise UnknownAccount, and the portfolio's Busy.
    """
    held, standings, limits, allowed, gauges, buckets = _call(request, order_id, wanted)
    if held is None:
        raise UnknownAccount(request.account)
    found: Doc = orjson.loads(held)
    stands = _standings(request, orjson.loads(standings or "[]"), write=bool(wanted.keys))
    share, own = _share(found), _figures(found["own"])
    book, account = found["book"], f"account:{request.account}"
    return Rows(
        book=books.book_of(book),
        limits=inforce.values(limits or "[]"),
        levels={scope: BreakerLevel(level) for scope, (level, _, _) in stands.items()},
        epochs={scope: epoch for scope, (_, epoch, _) in stands.items()},
        around=Surroundings(
            base_currency=settings.MTQ_BASE_CURRENCY,
            alone=not found["others"],
            desk=_others(found["desk"] or (), share),
            elsewhere=_sum(_figures(uses) for uses in found["elsewhere"] or ()),
            entries_today=_today(request, found, ENTRIES, own=own),
            value_today=_today(request, found, VALUE, own=own),
            lately=tuple(_past(*row) for row in found["lately"] or ()),
            resting=tuple(order for row in found["resting"] or () for order in _resting(*row[1:])),
            tickets=tuple(_ticket(*row) for row in found["tickets"] or ()),
            buckets={scope: _bucket(tokens, at) for scope, tokens, at in orjson.loads(buckets or "[]")},
            **_allowed(allowed or "{}"),
            snapshots=_gauges(orjson.loads(gauges or "{}"), _figures(found["sigmas"])),
            day_start=stands[account][2],
        ),
        place=_place(book["id"], found["head"]),
        is_known=found["known"],
        others=found["others"],
        seen=tuple(row[0] for row in found["resting"] or ()),
        uses=_uses(found),
        own=own,
    )


def _call(request: OrderRequest, order_id: str, wanted: Wanted) -> tuple[str | None, ...]:
    spec = instruments.spec(request.instrument)
    asked = {
        "order_id": order_id,
        "account": request.account,
        "source": request.source,
        "instrument": request.instrument,
        "side": request.side.value,
        "since": (clock.desk_now() - LATELY).isoformat(),
        "scopes": breaker_scopes(request),
        "limit_scopes": limit_scopes(request),
        "currencies": [spec.base_currency, spec.quote_currency],
    }
    with connection.cursor() as cursor, locks.held_by_others():
        cursor.execute(
            "SELECT * FROM risk_lock_load(%s, %s, %s, %s)", [*wanted.arguments, orjson.dumps(asked).decode()]
        )
        row: tuple[str | None, ...] = cursor.fetchone()
    return row


def _standings(
    request: OrderRequest, rows: Iterable[list[Any]], *, write: bool
) -> dict[str, tuple[int, int, Decimal | None]]:
    """Return level, epoch and equity at the day roll of each breaker."""
    known = {scope: (level, epoch, _number(day_start)) for scope, level, epoch, day_start in rows}
    missing = [scope for scope in breaker_scopes(request) if scope not in known]
    if missing and write:
        breakers.states(missing)
    return known | dict.fromkeys(missing, (BreakerLevel.NORMAL.value, 1, None))


def _others(rows: Iterable[list[Any]], share: Figures) -> Figures:
    """Return what of the desk all other accounts hold."""
    return {
        figure(metric, key): Decimal(used) - share.get(figure(metric, key), Decimal(0))
        for metric, key, used in rows
    }


def _today(request: OrderRequest, found: Doc, metric: str, *, own: Figures) -> dict[str, Decimal]:
    """Return what was counted today, by scope and by scope and instrument."""
    desk = {figure(of, key): Decimal(used) for of, key, used in found["desk"] or ()}
    source = _sum([own, *(_figures(uses) for uses in found["elsewhere"] or ())])
    scopes = {DESK: desk, f"account:{request.account}": _uses(found), f"source:{request.source}": source}
    counted, day = {}, trading_day(clock.desk_now())
    for scope, figures in scopes.items():
        for key in ("", request.instrument):
            counted[figure(scope, key)] = figures.get(of_day(metric, day, key), Decimal(0))
    return counted


def _share(found: Doc) -> Figures:
    """Return what the account holds of the desk."""
    return _figures(found["share"][1]) if found["share"] else {}


def _uses(found: Doc) -> Figures:
    return _figures(found["share"][0]) if found["share"] else {}


def _figures(texts: Mapping[str, str] | None) -> Figures:
    return {name: Decimal(text) for name, text in (texts or {}).items()}


def _sum(parts: Iterable[Figures]) -> Figures:
    total: Figures = {}
    for part in parts:
        for name, amount in part.items():
            total[name] = total.get(name, Decimal(0)) + amount
    return total


def _place(account_id: int, head: list[Any] | None) -> Place:
    return (
        Place(account_id=account_id, length=head[1], hash=head[2]) if head else Place(account_id=account_id)
    )


def _past(
    order_id: str, account: str, instrument: str, side: str, kind: str, lots: str, price: str | None,
    is_entry: bool, at: str,
) -> PastOrder:  # fmt: skip
    return PastOrder(
        client_order_id=order_id,
        account=account,
        instrument=instrument,
        side=Side(side),
        order_type=OrderType(kind),
        quantity=Decimal(lots),
        price=_number(price),
        is_entry=is_entry,
        requested_at=datetime.fromisoformat(at),
    )


def _resting(
    order_id: str, account: str, source: str, side: str, kind: str, price: str | None, asked: str | None
) -> tuple[RestingOrder, ...]:
    """Return an order at its price, and at the price that its venue is asked to change it to."""
    order = RestingOrder(
        client_order_id=order_id,
        account=account,
        source=source,
        side=Side(side),
        order_type=OrderType(kind),
        price=_number(price),
    )
    return (order,) if asked is None else (order, replace(order, price=Decimal(asked)))


def _ticket(instrument: str, ticket: str, lots: str, opened_at: str) -> Ticket:
    return Ticket(
        ticket=ticket,
        instrument=instrument,
        quantity=Decimal(lots),
        opened_at=datetime.fromisoformat(opened_at),
    )


def _bucket(tokens: str, filled_at: str) -> Bucket:
    return Bucket(tokens=Decimal(tokens), filled_at=datetime.fromisoformat(filled_at))


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@lru_cache(maxsize=64)
def _allowed(text: str) -> dict[str, Any]:
    """Make values of what sources may trade; kept by the whole text, so a changed row is never missed."""
    rows = orjson.loads(text)
    return {
        "permitted": tuple((source, instrument) for source, instrument in rows["permitted"] or ()),
        "restricted": frozenset(rows["restricted"] or ()),
        "classes": rows["classes"] or {},
        "overrides": tuple(_override(*row) for row in rows["overrides"] or ()),
    }


def _override(number: int, check: str, order_hash: str, wider: str | None, expires_at: str) -> Override:
    return Override(
        request_id=number,
        check=check,
        payload_hash=order_hash,
        expires_at=datetime.fromisoformat(expires_at),
        wider=_number(wider),
    )


def _gauges(rows: Mapping[str, list[Any]], counted: Figures) -> dict[str, SnapshotFigures]:
    """Return what each scope measured last, with what was permitted there since."""
    return {
        scope: SnapshotFigures(
            number=number,
            measured_at=datetime.fromisoformat(measured_at),
            equity=_number(equity),
            day_loss=_number(day_loss),
            sigma=_number(sigma),
            var=_number(var),
            es=_number(es),
            pending_sigma=max(Decimal(0), counted.get(scope, Decimal(0)) - Decimal(sigma or 0)),
        )
        for scope, (number, measured_at, equity, day_loss, sigma, var, es) in rows.items()
    }
