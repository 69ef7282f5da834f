"""The database itself refuses what must never happen."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.portfolio import ledger
from apps.portfolio.domain.book import AccountView
from apps.portfolio.domain.order import MOVES, OrderStatus
from apps.portfolio.domain.report import CashMovement
from apps.portfolio.models import AuditEntry, AuditHead, CashFlow, Fill, Order, OrderEvent
from tests.portfolio.factories import NOW, approve, fill, send, tell

PAIRS = list(product(OrderStatus, OrderStatus))


def refuses(act: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            act()
    except IntegrityError:
        return True
    return False


def put_into(status: OrderStatus, row: Order) -> None:
    """Set a state behind the guards' back, to try every way out of it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE portfolio_order DISABLE TRIGGER portfolio_order_moves")
        cursor.execute("UPDATE portfolio_order SET status = %s WHERE id = %s", [status.value, row.pk])
        cursor.execute("ALTER TABLE portfolio_order ENABLE TRIGGER portfolio_order_moves")


def test_i5_the_database_refuses_exactly_the_moves_that_the_domain_refuses(account: AccountView) -> None:
    row = Order.objects.get(client_order_id=send().client_order_id)
    wrong = []
    for old, new in PAIRS:
        put_into(old, row)
        move = partial(Order.objects.filter(pk=row.pk).update, status=new.value)
        refused = refuses(move)
        if refused is (new in MOVES[old]):
            wrong.append(f"{old} to {new}")
    assert wrong == []


@pytest.mark.parametrize(
    "status", [s for s in OrderStatus if s not in {OrderStatus.APPROVED, OrderStatus.DENIED}]
)
def test_an_order_is_born_approved_or_denied(account: AccountView, status: OrderStatus) -> None:
    row = Order.objects.get(client_order_id=approve().client_order_id)
    row.pk, row.client_order_id, row.number, row.leg = None, "another", 1, 7
    row.status, row.owner, row.fence = status.value, "gateway", 1
    assert refuses(lambda: row.save(force_insert=True))


@pytest.mark.parametrize("model", [OrderEvent, Fill, CashFlow, AuditEntry])
def test_i9_history_is_only_ever_added(account: AccountView, model: Any) -> None:
    tell(send(), OrderStatus.FILLED, fill())
    money = CashMovement(movement_id="m1", amount=fill().price, moved_at=NOW)
    ledger.book_external(account="paper-1", cash=[money])
    rows = model.objects.filter(pk=model.objects.order_by("id").first().pk)
    assert refuses(rows.delete)
    assert refuses(lambda: rows.update(id=10**6))


@pytest.mark.parametrize(
    "change", [{"side": "sell"}, {"quantity": 9}, {"source": "agent:x"}, {"is_entry": False}]
)
def test_an_order_cannot_become_another_one(account: AccountView, change: dict[str, Any]) -> None:
    rows = Order.objects.filter(client_order_id=approve().client_order_id)
    assert refuses(lambda: rows.update(**change))
    assert refuses(rows.delete)


def test_i4_an_execution_counts_once_whoever_writes_it(account: AccountView) -> None:
    tell(send(), OrderStatus.FILLED, fill(execution_id="deal"))
    row = Fill.objects.get()
    row.pk = None
    assert refuses(lambda: row.save(force_insert=True))


def test_a_chain_keeps_its_head(account: AccountView) -> None:
    assert refuses(AuditHead.objects.all().delete)


def test_no_order_is_sent_without_a_named_sender(account: AccountView) -> None:
    rows = Order.objects.filter(client_order_id=approve().client_order_id)
    assert refuses(lambda: rows.update(status="sending"))


def test_a_signal_has_one_order(account: AccountView) -> None:
    approve(signal_key="once")
    assert refuses(lambda: approve(signal_key="once", requested_at=NOW + timedelta(days=1)))
