"""What a venue says that no retry can book is told, and what follows is booked."""

from decimal import Decimal
from typing import Any

import pytest

from apps.brokers import dispatch
from apps.brokers.dispatch import off_loop
from apps.portfolio import books, ledger
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.report import CashMovement
from apps.risk import alerts
from tests.portfolio.factories import NOW, fill, report, send

ACCOUNT = "paper-1"
BAD: dict[str, dict[str, Any]] = {
    "a long name": {"execution_id": "9" * 65},
    "a name with a hole": {"execution_id": "9\0"},
    "more than a column holds": {"price": Decimal("1e30")},
    "more than a number holds": {"quantity": Decimal("1e-11"), "price": Decimal("1e30")},
}


@pytest.fixture
def account(transactional_db: None) -> None:
    ledger.open_account(slug=ACCOUNT, currency="USD", leverage=Decimal(30))


async def rules() -> list[str]:
    return [alert.rule for alert in await off_loop(alerts.open_alerts)]


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_a_report_that_cannot_be_booked_is_told_and_the_next_one_is_booked(
    account: None, bad: dict[str, Any]
) -> None:
    order = await off_loop(send)
    await dispatch.book(ACCOUNT, report(order, OrderStatus.FILLED, fill(**bad)))
    assert await rules() == ["unbookable_report"]
    assert (await off_loop(books.order, order.client_order_id)).status is OrderStatus.SENDING
    await dispatch.book(ACCOUNT, report(order, OrderStatus.FILLED, fill()))
    assert (await off_loop(books.order, order.client_order_id)).status is OrderStatus.FILLED


async def test_one_that_cannot_be_booked_stops_nothing_beside_it(account: None) -> None:
    money = CashMovement(movement_id="in", amount=Decimal(100), moved_at=NOW)
    booked = await dispatch.book_external(ACCOUNT, [fill(execution_id="9" * 65), fill()], [money])
    assert (len(booked.new_fills), booked.new_cash) == (1, (money,))
    assert await off_loop(books.position, ACCOUNT, "EURUSD") == 1
    assert await rules() == ["unbookable_report"]
