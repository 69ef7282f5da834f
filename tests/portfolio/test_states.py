"""Every pair of states: the domain and the database refuse the same ones, whoever asks."""

import json
from decimal import Decimal
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction

from apps.portfolio import books
from apps.portfolio.domain.book import AccountView
from apps.portfolio.domain.order import MOVES, IllegalMove, OrderStatus
from apps.portfolio.ledger.writing import move
from apps.portfolio.models import Order, Reservation
from tests.portfolio.factories import approve, fill, tell
from tests.portfolio.states import ASKED, belongings, put_into, refuses

S = OrderStatus
PAIRS = list(product(S, S))
# Written by hand from fault-matrix.md section 3.
LEGAL = {
    S.APPROVED: "sending expired cancelled",
    S.SENDING: "accepted partially_filled filled cancelled expired rejected unknown approved",
    S.UNKNOWN: "accepted partially_filled filled cancelled rejected expired absent",
    S.ACCEPTED: "partially_filled filled cancel_pending replace_pending cancelled expired rejected",
    S.PARTIALLY_FILLED: "partially_filled filled cancel_pending replace_pending cancelled expired rejected",
    S.CANCEL_PENDING: "accepted partially_filled filled cancelled expired",
    S.REPLACE_PENDING: "accepted partially_filled filled cancelled expired",
}
ENDS = [S.DENIED, S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED, S.ABSENT]


def is_legal(old: OrderStatus, new: OrderStatus) -> bool:
    return new.value in LEGAL.get(old, "").split()


@pytest.fixture
def row(account: AccountView) -> Order:
    return Order.objects.get(client_order_id=approve().client_order_id)


def raw_update(row: Order, **facts: Any) -> None:
    """Write as a shell on the database would."""
    kept = {name: json.dumps(fact) if isinstance(fact, dict) else fact for name, fact in facts.items()}
    columns = ", ".join(f"{name} = %s" for name in kept)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE portfolio_order SET {columns} WHERE id = %s", [*kept.values(), row.pk])


def test_i5_raw_sql_passes_exactly_the_legal_pairs(row: Order) -> None:
    wrong = []
    for old, new in PAIRS:
        put_into(old, row)
        facts = belongings(new, old, row) | {"status": new.value}
        if refuses(partial(raw_update, row, **facts)) is is_legal(old, new):
            wrong.append(f"{old} to {new}")
    assert wrong == []


def test_i5_a_conditional_update_passes_exactly_the_legal_pairs(row: Order) -> None:
    wrong = []
    for old, new in PAIRS:
        put_into(old, row)
        facts = belongings(new, old, row) | {"status": new.value}
        seen = Order.objects.filter(pk=row.pk, status=old.value)
        if refuses(partial(seen.update, **facts)) is is_legal(old, new):
            wrong.append(f"{old} to {new}")
    assert wrong == []


def test_i5_the_domain_allows_exactly_the_legal_pairs(row: Order) -> None:
    assert [pair for pair in PAIRS if (pair[1] in MOVES[pair[0]]) is not is_legal(*pair)] == []
    for old, new in PAIRS:
        if not is_legal(old, new):
            put_into(old, row)
            with pytest.raises(IllegalMove):
                move(row, new)


def test_i5_the_ledger_walks_every_legal_pair(row: Order) -> None:
    for old, new in PAIRS:
        if is_legal(old, new):
            put_into(old, row)
            with transaction.atomic():
                assert move(row, new, **belongings(new, old, row)), f"{old} to {new}"
            assert Order.objects.get(pk=row.pk).status == new


def test_a_move_of_an_order_that_moved_meanwhile_changes_nothing(row: Order) -> None:
    Order.objects.filter(pk=row.pk).update(status="cancelled")
    assert not move(row, S.EXPIRED)
    assert Order.objects.get(pk=row.pk).status == S.CANCELLED


@pytest.mark.parametrize("status", list(S))
def test_ours_are_born_approved_or_denied_and_external_ones_where_the_venue_has_them(
    row: Order, status: OrderStatus
) -> None:
    def born(source: str) -> bool:
        child = Order.objects.get(pk=row.pk)
        child.pk, child.client_order_id, child.number, child.leg = None, "another", 1, 7
        child.source, child.status = source, status.value
        if status is S.SENDING:
            child.owner, child.fence = "gateway", 1
        if status is S.REPLACE_PENDING:
            child.amendment = ASKED
        return not refuses(lambda: child.save(force_insert=True))

    at_venue = {S.ACCEPTED, S.PARTIALLY_FILLED, S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED}
    assert born("agent:trend") is (status in {S.APPROVED, S.DENIED})
    assert born("external") is (status in at_venue)


@pytest.mark.parametrize("end", ENDS)
def test_i5_a_fill_after_an_end_is_booked_and_flagged(row: Order, end: OrderStatus) -> None:
    put_into(end, row)
    applied = tell_again(row, fill(quantity=Decimal("0.4")))
    stored = Order.objects.get(pk=row.pk)
    assert (applied.status, stored.status) == (end, end)
    assert (stored.filled, stored.late_fill) == (Decimal("0.4"), True)
    assert set(stored.events.values_list("kind", flat=True)) >= {"fill", "late_fill"}
    assert Reservation.objects.get(order=row).quantity == 0


def tell_again(row: Order, *fills: Any) -> Any:
    return tell(books.order(row.client_order_id), S.FILLED, *fills)


def test_what_is_filled_never_becomes_less(row: Order) -> None:
    put_into(S.PARTIALLY_FILLED, row, filled="0.4")
    rows = Order.objects.filter(pk=row.pk)
    assert refuses(lambda: rows.update(filled="0.3"))
    assert not refuses(lambda: rows.update(filled="0.5"))


@pytest.mark.parametrize(
    "change",
    [
        {"client_order_id": "f" * 24}, {"number": 5}, {"source": "user:9"}, {"signal_key": "x"}, {"leg": 3},
        {"client_ref": "mine"}, {"policy": "v9"}, {"instrument": "GBPUSD"}, {"side": "sell"},
        {"order_type": "limit"}, {"reduce_only": True}, {"is_entry": False}, {"ticket": "7"},
        {"requested_quantity": 9},
    ],
)  # fmt: skip
def test_an_order_never_becomes_another_one(row: Order, change: dict[str, Any]) -> None:
    assert refuses(lambda: Order.objects.filter(pk=row.pk).update(**change))


@pytest.mark.parametrize("change", [{"quantity": 2}, {"price": 1}, {"stop_loss": 1}, {"take_profit": 1}])
def test_terms_stand_unless_a_change_was_asked_for(row: Order, change: dict[str, Any]) -> None:
    put_into(S.ACCEPTED, row)
    rows = Order.objects.filter(pk=row.pk)
    assert refuses(lambda: rows.update(**change))
    assert refuses(lambda: rows.update(**change, revision=1))


def test_terms_change_only_to_what_was_asked_when_the_venue_answers(row: Order) -> None:
    put_into(S.REPLACE_PENDING, row, amendment=ASKED | {"quantity": "2"}, revision=1)
    rows = Order.objects.filter(pk=row.pk)
    answered = {"status": "accepted", "amendment": None}
    assert refuses(lambda: rows.update(**answered, quantity=3))
    assert refuses(lambda: rows.update(quantity=2))
    assert refuses(lambda: rows.update(amendment=ASKED | {"quantity": "3"}))
    assert not refuses(lambda: rows.update(**answered, quantity=2))


def test_each_change_that_is_asked_for_counts_one_revision(row: Order) -> None:
    put_into(S.ACCEPTED, row)
    rows = Order.objects.filter(pk=row.pk)
    for revision in (0, 2):
        asked = {"status": "replace_pending", "amendment": ASKED, "revision": revision}
        assert refuses(partial(rows.update, **asked))
    assert refuses(lambda: rows.update(revision=1))
    assert refuses(lambda: rows.update(amendment=ASKED, revision=1))
    assert refuses(lambda: rows.update(status="replace_pending"))
