"""Rules of regulators: leverage by class, no hedging, first in first out, close-out."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.domain.book import Book
from apps.portfolio.domain.order import OrderRequest, OrderType, Side
from apps.risk.domain.checks import At, room
from apps.risk.domain.intent import classify
from apps.risk.domain.limits import Metric, Unit
from apps.risk.domain.packs import PACKS, Kind, margin_closeout, pack_of
from apps.risk.domain.surroundings import Ticket
from tests.risk.cast import NOW, around, book, breaches, context, limit, opened, reasons, request

D = Decimal
MAJOR = {"EURUSD": "fx_major", "USDJPY": "fx_major"}
ESMA, US = "esma_retail", "us_retail"


@pytest.mark.parametrize(
    ("pack", "leverage"),
    [
        ("professional", {}),
        (ESMA, {"fx_major": 30, "fx_minor": 20, "gold": 20, "index_major": 20, "index_minor": 10,
                "commodity": 10, "share": 5, "crypto": 2}),
        (US, {"fx_major": 50, "fx_minor": 20}),
    ],
)  # fmt: skip
def test_each_pack_has_its_leverage_by_class(pack: str, leverage: dict[str, int]) -> None:
    assert dict(PACKS[pack].leverage) == leverage
    assert set(leverage) <= {kind.value for kind in Kind}


@pytest.mark.parametrize(
    ("pack", "classes", "reason"),
    [
        ("professional", {}, None),
        (ESMA, MAJOR, None),
        (ESMA, {}, "no_class"),
        (ESMA, {"EURUSD": "unheard"}, "no_class"),
        (US, {"EURUSD": "share"}, "no_class"),
        ("martian", MAJOR, "no_pack"),
        ("", MAJOR, "no_pack"),
    ],
)
def test_an_entry_needs_known_rules_and_a_class(
    pack: str, classes: dict[str, str], reason: str | None
) -> None:
    found = reasons(request(), book("0", pack=pack), around=around(classes=classes))
    assert found == (set() if reason is None else {reason})


@pytest.mark.parametrize("pack", [ESMA, US, "martian"])
def test_an_exit_needs_neither_class_nor_known_rules(pack: str) -> None:
    assert reasons(request(side=Side.SELL, reduce_only=True), book("1", pack=pack)) == set()


def free(held: Book, **changes: Any) -> Decimal:
    asked = request()
    return room.free_margin(asked, context(asked, held, **changes), At.ACCOUNT, "")


@pytest.mark.parametrize(
    ("kind", "rate"),
    [("fx_major", D("0.04")), ("index_major", D("0.05")), ("share", D("0.2")), ("crypto", D("0.5"))],
)
def test_margin_is_the_larger_of_the_venues_and_the_packs(kind: str, rate: Decimal) -> None:
    # two lots held at mid 1.25 and one asked for at up to 1.2875103
    used = (D(250_000) + D("128751.03")) * rate
    left = free(book("2", pack=ESMA), around=around(classes={"EURUSD": kind}))
    assert left == D(99_998) - D("3751.03") - D("3.5") - used


def test_a_rate_that_does_not_end_is_rounded_up() -> None:
    rate = PACKS[ESMA].margin_rate("EURUSD", D("0.001"), MAJOR)
    assert rate * 30 >= 1
    assert rate * 30 - 1 < D("1e-26")


def test_a_held_instrument_without_a_class_denies_the_entries_of_its_account() -> None:
    found = reasons(
        request(instrument="USDJPY"), book("1", pack=ESMA), around=around(classes={"USDJPY": "fx_major"})
    )
    assert found == {"no_class"}


def test_faced_tickets_count_as_the_larger_leg() -> None:
    tickets = (ticket("1", "3"), ticket("2", "-2"))
    faced = free(book("1", hedging=True), around=around(tickets=tickets))
    assert free(book("1", hedging=True)) - faced == D(2) * 125_000 * D("0.04")
    asked = request()
    gross = room.gross(
        asked, context(asked, book("1", hedging=True), around=around(tickets=tickets)), At.DESK, ""
    )
    assert gross == 5 * 125_000 + D("128751.03")


def test_the_venues_equity_counts_where_it_is_less() -> None:
    assert free(book("0"), venue_equity=D(90_000)) == free(book("0")) - 10_000
    assert free(book("0"), venue_equity=D(190_000)) == free(book("0"))


def test_an_instrument_without_a_tariff_denies() -> None:
    assert reasons(request(), tariff="unheard") == {"no_tariff"}


@pytest.mark.parametrize(
    ("pack", "held", "denied"),
    [
        (US, book("-1", pack=US), True),
        (US, book("1", pack=US), False),
        (US, book("0", pack=US, orders=[opened(Side.SELL, "1")]), True),
        (US, book("0", pack=US, orders=[opened(Side.SELL, "1", is_entry=False, reduce_only=True)]), False),
        (US, book("0", pack=US, orders=[opened(Side.SELL, "1", instrument="USDJPY", price=D(150))]), False),
        (ESMA, book("-1", pack=ESMA), False),
    ],
)
def test_nobody_hedges_where_it_is_forbidden(pack: str, held: Book, denied: bool) -> None:
    assert reasons(request(), held, around=around(classes=MAJOR)) == ({"hedge"} if denied else set())


def ticket(name: str, lots: str, *, age_s: float = 0) -> Ticket:
    return Ticket(
        ticket=name, instrument="EURUSD", quantity=D(lots), opened_at=NOW - timedelta(seconds=age_s)
    )


OLDEST_FIRST = (ticket("a", "1"), ticket("b", "2"), ticket("c", "2"), ticket("d", "0.5"))


def closing(lots: str, named: str, **changes: Any) -> OrderRequest:
    usual = {"side": Side.SELL, "source": "user:1"}
    return request(reduce_only=True, quantity=D(lots), ticket=named, **(usual | changes))


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (closing("1", ""), None),
        (closing("1", "a"), None),
        (closing("0.5", "a"), None),
        (closing("2", "b"), None),  # the oldest of exactly that size
        (closing("2", "c"), "b"),
        (closing("0.5", "d"), None),
        (closing("0.3", "d"), "a"),
        (closing("0.3", "gone"), "a"),
        (closing("5.5", "c"), None),  # all of it
        (closing("0.3", "d", source="enforcement:3"), None),
        (closing("0.3", "d", source="protective:3", order_type=OrderType.STOP, price=D("1.2")), None),
    ],
)
def test_the_oldest_goes_first_and_the_denial_names_it(asked: OrderRequest, allowed: str | None) -> None:
    held = book("5.5", pack=US)
    found = breaches(asked, held, around=around(classes=MAJOR, tickets=OLDEST_FIRST))
    assert [breach.reason for breach in found] == ([] if allowed is None else ["fifo"])
    assert not found or f" {allowed}," in found[0].text


def test_other_packs_close_any_ticket() -> None:
    assert reasons(closing("0.3", "d"), book("5.5"), around=around(tickets=OLDEST_FIRST)) == set()


@pytest.mark.parametrize(
    ("side", "lots", "named", "room_left"),
    [
        (Side.SELL, "3", "long", "3"),
        (Side.BUY, "2", "short", "2"),
        (Side.BUY, "1", "long", "0"),
        (Side.SELL, "1", "gone", "0"),
    ],
)
def test_a_ticket_of_a_hedging_account_may_be_closed_whatever_the_net_is(
    side: Side, lots: str, named: str, room_left: str
) -> None:
    tickets = (ticket("long", "3"), ticket("short", "-2"))
    asked = closing(lots, named, side=side)
    intent = classify(asked, book("1", hedging=True), tickets=tickets)
    assert (intent.account_entry, intent.closable) == (False, D(room_left))


def test_open_reductions_of_a_ticket_leave_less_of_it_and_other_tickets_alone() -> None:
    tickets = (ticket("long", "3"), ticket("other", "3"))
    orders = [
        opened(Side.SELL, "1", reduce_only=True, ticket="long"),
        opened(Side.SELL, "2", reduce_only=True, ticket="other"),
        opened(Side.SELL, "0.5", reduce_only=True),
    ]
    intent = classify(closing("1", "long"), book("6", hedging=True, orders=orders), tickets=tickets)
    assert intent.closable == D("1.5")


@pytest.mark.parametrize(
    ("pack", "equity", "margin", "hit"),
    [
        (ESMA, "500", "1000", True),
        (ESMA, "500.01", "1000", False),
        (ESMA, "-1", "1000", True),
        (ESMA, "0", "0", False),
        ("professional", "1", "1000", False),
        (US, "1", "1000", False),
    ],
)
def test_half_of_the_margin_is_the_end(pack: str, equity: str, margin: str, hit: bool) -> None:
    assert margin_closeout(pack_of(pack), equity=D(equity), margin=D(margin)) is hit


@given(st.sampled_from(sorted(kind.value for kind in Kind)), st.decimals("0.0001", "1", places=4))
def test_a_pack_never_asks_for_less_margin_than_the_venue(kind: str, venue: Decimal) -> None:
    rate = PACKS[ESMA].margin_rate("X", venue, {"X": kind})
    assert rate >= venue
    assert rate * PACKS[ESMA].leverage[kind] >= 1


def test_an_order_of_a_retail_account_has_no_more_leverage_than_its_class() -> None:
    row = limit("account:paper-1", Metric.MARGIN, "5149.9", Unit.MONEY)
    major = around(classes={"EURUSD": "fx_major"})
    assert "margin" in reasons(request(), book("0", pack=ESMA), row, around=major)  # 4 % of 128,751.03
    wider = limit("account:paper-1", Metric.MARGIN, "25750.206", Unit.MONEY)
    share = around(classes={"EURUSD": "share"})
    assert reasons(request(), book("0", pack=ESMA), wider, around=share) == set()
    assert "margin" in reasons(request(quantity=D("1.01")), book("0", pack=ESMA), wider, around=share)
