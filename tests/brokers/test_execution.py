"""The one door to a venue, where somebody else holds the account."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from apps.brokers import connections, execution
from apps.brokers.connections import ConnectionView
from apps.portfolio import books, locks
from apps.portfolio.domain.order import OrderStatus
from apps.risk.domain.verdict import Approved
from apps.risk.errors import Busy
from tests.risk.desk import ACCOUNT, Desk, at_once, open_desk


@pytest.fixture
def desk(transactional_db: None, valkey: str, settings: Settings, tmp_path: Path) -> Desk:
    return open_desk(settings, tmp_path)


def test_an_order_that_nobody_serves_is_busy_while_another_holds_its_account(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, held, over = desk.request("0.1"), threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            locks.lock_account(ACCOUNT, exit=True)
            held.set()
            over.wait(10)
        connection.close()

    def none_enabled() -> list[ConnectionView]:  # asked for between the permit and the end of its order
        pool.submit(hold)
        held.wait(10)
        return []

    with ThreadPoolExecutor(1) as pool, monkeypatch.context() as patch:
        patch.setattr(connections, "enabled", none_enabled)
        with pytest.raises(Busy):
            execution.submit(request=request)
        over.set()
    again = execution.submit(request=request)
    assert isinstance(again, Approved)
    assert books.order(again.order.client_order_id).status is OrderStatus.CANCELLED


def test_a_cancel_is_busy_in_the_same_word(desk: Desk) -> None:
    verdict = desk.ask("0.1")
    assert verdict.order is not None
    ask = partial(execution.cancel, client_order_id=verdict.order.client_order_id, by="user:1")
    with transaction.atomic():
        locks.lock_account(ACCOUNT, exit=True)
        with pytest.raises(Busy):
            at_once([ask])
