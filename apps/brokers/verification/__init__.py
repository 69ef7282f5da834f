"""The venue's own log against the ledger: orders, fills, positions and cash, to the last cent."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.brokers.models import BrokerConnection
from apps.brokers.verification.comparing import Comparison, LedgerSide, VenueSide
from apps.brokers.verification.venue_log import LogUnreadableError, VenueBooks, fold
from apps.portfolio import books
from apps.portfolio.domain.order import OrderStatus

__all__ = ["LogUnreadableError", "Verification", "compare"]

LOOK_EVERY_S = 0.5
LEAST_QUIET_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was compared up to line `cut_seq` of the log, and what did not agree. Cash is by account."""

    cut_seq: int
    cut_desk_at: str
    orders: int
    fills: int
    positions: int
    cash: dict[str, str]
    differences: tuple[str, ...]
    open_doubts: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.differences

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"agrees": self.agrees}


def compare(*, log_path: Path, wait_s: float = 10.0) -> Verification:
    """Compare up to the log's last complete line; give the ledger `wait_s` to book what lies before it.

    Raise LogUnreadableError.
    """
    cut = fold(log_path)
    give_up_at = time.monotonic() + wait_s
    while True:
        found = _look(cut, fold(log_path))
        if found.agrees or time.monotonic() > give_up_at:
            return found
        time.sleep(LOOK_EVERY_S)


def _look(cut: VenueBooks, now: VenueBooks) -> Verification:
    comparisons, lacking = [], []
    with transaction.atomic():
        _one_snapshot()
        for login, record in cut.accounts.items():
            row = _connection_of(login)
            if row is None:
                lacking.append(f"account {login} of the venue belongs to no connection")
                continue
            venue = VenueSide(
                cut=record,
                now=now.accounts[login],
                last_id=cut.last_id,
                instrument_of={m.symbol: m.instrument for m in row.symbols.all() if m.symbol},
            )
            quiet_s = int(row.capabilities.get("quiet_period_s") or LEAST_QUIET_S)
            comparisons.append(
                Comparison(
                    venue=venue,
                    ledger=_ledger(row.account_id),
                    now=timezone.now(),
                    quiet=timedelta(seconds=quiet_s),
                )
            )
    return _told(cut, comparisons, lacking)


def _told(cut: VenueBooks, comparisons: list[Comparison], lacking: list[str]) -> Verification:
    records = [comparison.venue.cut for comparison in comparisons]
    return Verification(
        cut_seq=cut.seq,
        cut_desk_at=cut.desk_at,
        orders=sum(len(record.orders) for record in records),
        fills=sum(len(record.deals) for record in records),
        positions=sum(bool(lots) for record in records for _, lots in record.positions.values()),
        cash={comparison.ledger.account: str(comparison.venue.cut.cash) for comparison in comparisons},
        differences=(*lacking, *(line for each in comparisons for line in each.differences())),
        open_doubts=tuple(line for each in comparisons for line in _doubts(each)),
    )


def _doubts(comparison: Comparison) -> Iterator[str]:
    for order in comparison.doubts().values():
        yield f"{comparison.ledger.account}: order {order.client_order_id} is {order.status}"


def _one_snapshot() -> None:
    """Let every read of the transaction see the same moment, unless it is part of an outer one."""
    if len(connection.savepoint_ids) == 0:
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")


def _connection_of(login: int) -> BrokerConnection | None:
    return BrokerConnection.objects.filter(settings__login=login).first()


def _ledger(account: str) -> LedgerSide:
    book = books.load(account)
    rows = {("", name): holding.quantity for name, holding in book.holdings.items()}
    rows |= {key: holding.quantity for key, holding in book.virtual.items()}
    return LedgerSide(
        account=account,
        cash=book.account.cash,
        orders=books.orders_in(set(OrderStatus), account),
        fills=books.fills(account),
        flows=books.cash_flows(account),
        rows=rows,
    )
