"""A reader of pages misses no row and sees none twice, whatever is added meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from apps.portfolio.models import Account, Fill, Order
from tests.site import rows

API = "/api/v1"


def _add(account: Account, like: Order, count: int, *, minutes: int = 0) -> None:
    begin = Fill.objects.count()
    for number in range(begin, begin + count):
        Fill.objects.create(
            account=account, order=like, execution_id=f"x{number}", instrument="EURUSD", side="buy",
            quantity=Decimal("0.1"), price=Decimal("1.08"), profit=0, commission=0, swap=0, fee=0,
            reason="client", executed_at=rows.DESK_AT + timedelta(minutes=minutes + number // 3),
        )  # fmt: skip


@pytest.mark.parametrize("ordering", ["-id", "id", "-executed_at", "executed_at"])
def test_pages_hold_every_row_once_also_where_times_are_equal(
    ordering: str, sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    _add(desk.account, desk.order, 11)
    browser, seen = sign_in("viewer"), []
    address = f"{API}/fills/?limit=4&ordering={ordering}"
    while address:
        page = browser.get(address).json()
        seen += [fill["id"] for fill in page["results"]]
        address = page["next"]
    assert len(seen) == len(set(seen)) == Fill.objects.count()
    by = (ordering, "-id" if ordering.startswith("-") else "id")
    assert seen == list(Fill.objects.order_by(*by).values_list("execution_id", flat=True))


def test_rows_that_arrive_between_two_pages_move_none(
    sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    _add(desk.account, desk.order, 6)
    before = list(Fill.objects.order_by("-id").values_list("execution_id", flat=True))
    browser = sign_in("viewer")
    first = browser.get(f"{API}/fills/?limit=3").json()
    _add(desk.account, desk.order, 5)
    second = browser.get(first["next"]).json()
    assert [fill["id"] for fill in first["results"] + second["results"]] == before[:6]


def test_the_way_back_leads_over_the_new_rows_to_the_beginning(
    sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    _add(desk.account, desk.order, 5)
    browser = sign_in("viewer")
    first = browser.get(f"{API}/fills/?limit=3").json()
    second = browser.get(first["next"]).json()
    back = browser.get(second["previous"]).json()
    assert back["results"] == first["results"]
    assert back["previous"] is None
    _add(desk.account, desk.order, 2)
    newer = browser.get(browser.get(second["previous"]).json()["previous"]).json()
    assert [fill["id"] for fill in newer["results"]] == list(
        Fill.objects.order_by("-id").values_list("execution_id", flat=True)[:2]
    )


def test_a_cursor_belongs_to_its_ordering(sign_in: Callable[[str], Client], desk: rows.Desk) -> None:
    browser = sign_in("viewer")
    following = browser.get(f"{API}/orders/?limit=1").json()["next"]
    answer = browser.get(f"{following}&ordering=id")
    assert answer.status_code == 400
    assert "belongs to ordering=-id" in answer.json()["detail"]


def test_working_orders_and_filters(sign_in: Callable[[str], Client], desk: rows.Desk) -> None:
    order = Order.objects.get(pk=desk.order.pk)
    order.pk, order.number, order.client_order_id, order.status = None, 10**6, "w" * 24, "approved"
    order.signal_key = "another"
    order.save(force_insert=True)
    browser = sign_in("viewer")

    def ids(query: str) -> list[str]:
        return [order["id"] for order in browser.get(f"{API}/orders/?{query}").json()["results"]]

    assert ids("working=true") == ["w" * 24]
    assert "w" * 24 not in ids("working=false")
    assert ids(f"source={desk.order.source}&symbol=EURUSD&status__in=approved,filled") == ids("working=true")
    assert ids("created_at__lt=2020-01-01T00:00:00Z") == []
