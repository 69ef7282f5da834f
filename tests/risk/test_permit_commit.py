"""A database that hangs or goes away in the middle of a permit: busy, or the stored verdict."""

import threading
import time
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from pytest_django import Settings

from apps.portfolio import books, locks
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.errors import Busy as Held
from apps.portfolio.models import Order, ScopeUse
from apps.risk import review
from apps.risk.domain.verdict import Approved, Denied
from apps.risk.errors import Busy
from apps.risk.models import RiskReview
from apps.risk.review import room
from tests.risk.desk import ACCOUNT, Desk


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
    return pid


def test_a_server_that_does_not_answer_is_given_up_and_its_connection_with_it(
    desk: Desk, settings: Settings
) -> None:
    settings.MTQ_ANSWER_WITHIN_S = 0.1
    before, started = backend(), time.monotonic()
    with pytest.raises(Held), locks.deadline(0.05), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)")
    assert time.monotonic() - started < 20
    assert backend() != before


def test_a_busy_machine_is_not_taken_for_a_silent_server(desk: Desk, settings: Settings) -> None:
    settings.MTQ_ANSWER_WITHIN_S = 0.02
    before = backend()
    with locks.deadline(0) as patience:
        patience.rest()
        assert not threading.Event().wait(0.1)  # five times as long as a server may take
        settings.MTQ_ANSWER_WITHIN_S = 30.0
        patience.allow(0)
        books.load(ACCOUNT)
    assert backend() == before


def test_what_answers_in_time_keeps_its_connection(desk: Desk) -> None:
    before = backend()
    with locks.deadline(5):
        books.load(ACCOUNT)
    assert backend() == before


@pytest.mark.parametrize("stored", [True, False])
def test_a_commit_whose_answer_is_lost_is_read_back_by_its_id(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, stored: bool
) -> None:
    request = desk.request("0.01")
    wire: Any = connections["default"]
    commit = wire._commit

    def lose() -> None:
        monkeypatch.setattr(wire, "_commit", commit)
        if stored:
            commit()
        wire.connection.close()
        raise OperationalError("the answer to COMMIT was lost")

    monkeypatch.setattr(wire, "_commit", lose)
    if stored:
        verdict = review.permit(request)
        assert isinstance(verdict, Approved)
    else:
        with pytest.raises(Busy):
            review.permit(request)
    assert Order.objects.count() == RiskReview.objects.count() == int(stored)
    assert isinstance(review.permit(request), Approved)
    assert Order.objects.count() == 1


def test_an_intent_that_nobody_could_judge_in_its_time_is_denied_for_good(desk: Desk) -> None:
    late = desk.request("0.01")
    assert review.deny_expired(late).reasons[0]["reason"] == "busy_expired"
    assert isinstance(review.permit(late), Denied)
    assert RiskReview.objects.count() == Order.objects.count() == 1


def test_an_intent_with_a_verdict_keeps_it(desk: Desk) -> None:
    approved = desk.request("0.01")
    review.permit(approved)
    assert review.deny_expired(approved).status is OrderStatus.APPROVED


def test_room_that_went_while_an_order_was_written_is_busy_and_nothing_is_stored(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.ask("0.01")
    ScopeUse.objects.filter(metric="gross", key="").update(hard=1)
    monkeypatch.setattr(room, "desk_demands", lambda *_: ())  # as if the guard had been forgotten
    with pytest.raises(Busy):
        review.permit(desk.request("0.01"))
    assert Order.objects.count() == 1
