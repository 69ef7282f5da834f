"""The database itself refuses what must never happen."""

from datetime import timedelta
from typing import Any

import pytest

from apps.portfolio import ledger
from apps.portfolio.domain.book import AccountView
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.report import CashMovement
from apps.portfolio.models import AuditEntry, AuditHead, CashFlow, Fill, Order, OrderEvent
from tests.portfolio.factories import NOW, approve, fill, send, tell
from tests.portfolio.states import refuses


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
