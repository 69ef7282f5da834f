"""The judge of races finds what is wrong: one that cannot would find every race well."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection

from apps.portfolio import ledger
from apps.portfolio.models import Reservation, ScopeUse
from apps.risk.domain.verdict import Approved
from apps.risk.management.races.judge import Judge, Ruling
from apps.risk.management.races.plan import Race, Round
from tests.risk.desk import ACCOUNT, Desk

RACE = Race(kind="desk", orders=2, accounts=1)


@pytest.fixture
def judge(desk: Desk) -> Iterator[Judge]:
    facts = connection.get_connection_params()
    names = {"dbname", "user", "password", "host", "port"}
    url = " ".join(f"{name}={facts[name]}" for name in names if facts.get(name))
    made = Judge(url, hard={"desk": Decimal(100_000)}, mid=Decimal("1.25"), daily=0.005)
    yield made
    made.close()


def ask(desk: Desk, *lots: str) -> dict[str, str]:
    """Return what writers were told, by the keys of their orders."""
    told = {}
    for each in lots:
        request = desk.request(each, account=ACCOUNT)
        verdict = desk.ask(each, signal_key=request.signal_key)
        told[request.signal_key] = "approved" if isinstance(verdict, Approved) else "denied"
    return told


def ruling(judge: Judge, told: dict[str, str], *, places: int) -> Ruling:
    asked = Round(number=0, places=places, lots=Decimal("0.1"), accounts=(0, 0))
    return judge.look(RACE, asked, list(told), told)


def test_a_round_that_is_well_has_nothing_said_of_it(desk: Desk, judge: Judge) -> None:
    found = ruling(judge, ask(desk, "0.1", "0.1"), places=2)
    assert (found.misses, found.approved) == ((), 2)


def test_one_more_than_there_is_room_for_is_a_miss_and_one_less_as_well(desk: Desk, judge: Judge) -> None:
    told = ask(desk, "0.1", "0.1")
    assert "2 passed where 1 have room" in ruling(judge, told, places=1).misses[0]
    assert "2 passed where 3 have room" in ruling(judge, told, places=3).misses[0]


def test_what_is_open_is_added_up_from_rows_and_held_against_the_limit(desk: Desk, judge: Judge) -> None:
    told = ask(desk, "0.5", "0.5")
    assert any("above the limit 100000" in miss for miss in ruling(judge, told, places=2).misses)


def test_a_reservation_unlike_its_order_and_a_writer_told_otherwise_are_misses(
    desk: Desk, judge: Judge
) -> None:
    told = ask(desk, "0.1")
    Reservation.objects.update(quantity=Decimal("0.05"))
    said = "; ".join(ruling(judge, dict.fromkeys(told, "denied"), places=1).misses)
    assert "a writer was told denied, and the row says approved" in said
    assert "open by 0.1000000000 lots and holds 0.0500000000" in said


def test_what_is_left_after_a_round_is_a_miss(desk: Desk, judge: Judge) -> None:
    verdict = desk.ask("0.1")
    assert isinstance(verdict, Approved)
    assert any("reservations are left over" in miss for miss in judge.look_after())
    ledger.cancel_local(order_id=verdict.order.client_order_id)
    assert judge.look_after() == []
    ScopeUse.objects.filter(metric="gross", key="").update(used=1)
    assert judge.look_after() == ["desk gross  counts 1.0000000000"]
