"""Room that accounts share: the desk's caps and a source's use hold whatever runs at the same time."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.utils import timezone

from apps.marketdata import instruments, quotes
from apps.portfolio import books, ledger, locks
from apps.portfolio.domain.order import OrderType, Side
from apps.portfolio.domain.report import CashMovement
from apps.portfolio.models import Account, Order, Reservation, ScopeShare, ScopeUse, Ticket
from apps.risk import changes, margins, snapshots
from apps.risk.domain.change import ChangeKind
from apps.risk.domain.limits import Metric, Unit
from apps.risk.domain.verdict import Approved, Denied
from apps.risk.models import InstrumentClass
from apps.risk.review import room
from apps.risk.review.room import GATE
from tests.risk.desk import ACCOUNT, Desk, at_once
from tests.risk.test_races import persistent


def accounts(desk: Desk, count: int) -> list[str]:
    """Open more funded accounts and return all."""
    slugs = [f"fund-{number}" for number in range(1, count)]
    for slug in slugs:
        ledger.open_account(slug=slug, currency="USD", leverage=Decimal(30))
        money = CashMovement(
            movement_id=f"in-{slug}", amount=Decimal(100_000), moved_at=desk.request().requested_at
        )
        ledger.book_external(account=slug, cash=[money])
        changes.seed_paper_limits(slug)
    return [ACCOUNT, *slugs]


@pytest.fixture(autouse=True)
def _beat(desk: Desk) -> Iterator[None]:
    """Measure every second, as the beat does: one account's book does not tell what the others lost."""
    over = threading.Event()

    def measure() -> None:
        while not over.is_set():
            snapshots.measure(figures=False)
            over.wait(1)
        connection.close()

    snapshots.measure(figures=False)
    thread = threading.Thread(target=measure)
    thread.start()
    yield
    over.set()
    thread.join()


def used(metric: str, key: str = "", scope: str = "desk") -> Decimal:
    row = ScopeUse.objects.filter(scope=scope, metric=metric, key=key).first()
    return row.used.normalize() if row else Decimal(0)


@pytest.mark.parametrize(
    ("metric", "room", "takes"), [(Metric.POSITION, "2", 4), (Metric.OPEN_ORDERS, "5", 5)]
)
def test_accounts_that_race_for_room_of_the_desk_get_exactly_what_there_is(
    desk: Desk, metric: Metric, room: str, takes: int
) -> None:
    slugs = accounts(desk, 8)
    desk.limit("desk", metric, room, Unit.COUNT if metric is Metric.OPEN_ORDERS else Unit.LOTS)
    asked = [desk.request("0.5", source=f"agent:{number}", account=slugs[number % 8]) for number in range(16)]
    verdicts = at_once([partial(persistent, request) for request in asked])
    assert sum(isinstance(verdict, Approved) for verdict in verdicts) == takes, verdicts


def test_one_source_on_many_accounts_gets_exactly_what_it_may_hold(desk: Desk) -> None:
    slugs = accounts(desk, 4)
    desk.limit("source:agent:one", Metric.POSITION, "1.5")
    asked = [desk.request("0.5", source="agent:one", account=slugs[number % 4]) for number in range(8)]
    verdicts = at_once([partial(persistent, request) for request in asked])
    assert sum(isinstance(verdict, Approved) for verdict in verdicts) == 3


def test_among_many_accounts_nothing_passes_the_desk_and_what_was_drawn_ahead_comes_back(desk: Desk) -> None:
    slugs = accounts(desk, 12)
    for slug in slugs:
        assert isinstance(desk.ask("0.01", source=f"agent:{slug}", account=slug), Approved)
    desk.limit("desk", Metric.POSITION, "2")
    asked = [desk.request("0.5", source=f"agent:{slug}", account=slug) for slug in slugs]
    verdicts = at_once([partial(persistent, request) for request in asked])
    passed = sum(isinstance(verdict, Approved) for verdict in verdicts)
    assert Decimal("0.5") * passed + Decimal("0.12") <= 2
    assert used("position_long", "EURUSD") <= 2
    ledger.rebase_all(margins.specs_of)
    assert used("position_long", "EURUSD") == Decimal("0.5") * passed + Decimal("0.12")


def test_what_an_ended_order_did_not_fill_is_free_again(desk: Desk) -> None:
    first = desk.ask("0.5")
    assert isinstance(first, Approved)
    assert used("position_long", "EURUSD") == Decimal("0.5")
    assert ledger.cancel_local(order_id=first.order.client_order_id)
    assert used("position_long", "EURUSD") == used("gross") == used("open_orders") == 0
    own = ScopeShare.objects.get(scope="source:agent:trend")
    assert {Decimal(text) for name, text in own.uses.items() if "entries" not in name} == {Decimal(0)}


def test_an_exit_beside_an_entry_on_its_side_counts_what_both_may_leave(desk: Desk) -> None:
    desk.hold("0.3", Side.SELL)
    entry: dict[str, Any] = {
        "order_type": OrderType.LIMIT,
        "price": Decimal("1.2490"),
        "source": "agent:turn",
    }
    assert isinstance(desk.ask("0.2", Side.BUY, **entry), Approved)
    assert used("open_orders") == 1
    assert isinstance(desk.ask("0.3", Side.BUY, reduce_only=True, stop_distance=None), Approved)
    counted = desk_figures()
    assert (counted["position_long|EURUSD"], used("open_orders")) == (Decimal("0.2"), Decimal(2))
    ledger.rebase_all(margins.specs_of)
    assert desk_figures() == counted


def test_a_cap_on_what_was_not_capped_before_counts_what_the_account_holds_of_it(desk: Desk) -> None:
    desk.hold("0.3")
    assert used("gross", "EURUSD") == 0  # without a cap nobody counts it
    desk.limit("desk", Metric.GROSS, "100000", Unit.MONEY, "EURUSD")
    assert isinstance(desk.ask("0.1"), Approved)
    assert used("gross", "EURUSD") == desk_figures()["gross|EURUSD"] > 50_000


def test_what_was_filled_stays_counted_as_a_position(desk: Desk) -> None:
    desk.hold("0.5")
    assert (used("position_long", "EURUSD"), used("open_orders")) == (Decimal("0.5"), Decimal(0))
    ledger.rebase_all(margins.specs_of)
    assert used("position_long", "EURUSD") == Decimal("0.5")
    assert used("gross") == Decimal("0.5") * 100_000 * Decimal("1.25")


def hold_ticket(desk: Desk, ticket: str, lots: str, side: Side, price: str = "1.25") -> None:
    """Get an order filled at the venue as a ticket of its own."""
    assert isinstance(desk.ask(lots, side), Approved)
    claimed = ledger.claim(owner="test", fence=1, lease_s=5)
    assert claimed is not None
    said = desk.filled(claimed, price)
    own = tuple(replace(fill, venue_position_id=ticket) for fill in said.fills)
    ledger.apply(account=ACCOUNT, report=replace(said, fills=own))


def desk_figures() -> dict[str, Decimal]:
    """Return what the account takes of the desk, to the digits that a reservation keeps."""
    uses = ScopeShare.objects.get(scope="desk", account__slug=ACCOUNT).uses
    return {name: round(Decimal(text), 9) for name, text in uses.items()}


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_tickets_that_face_each_other_count_alike_when_rebased_and_in_a_permit(
    desk: Desk, currency: str
) -> None:
    ledger.open_account(slug=ACCOUNT, currency=currency, hedging=True, leverage=Decimal(30))
    hold_ticket(desk, "long", "0.3", Side.BUY)
    hold_ticket(desk, "short", "0.2", Side.SELL)
    assert [ticket.quantity for ticket in books.load(ACCOUNT).tickets] == [Decimal("0.3"), Decimal("-0.2")]
    assert isinstance(desk.ask("0.1"), Approved)
    permitted = desk_figures()
    ledger.rebase_all(margins.specs_of)
    assert desk_figures() == permitted
    assert permitted["gross"] >= Decimal("0.6") * 100_000 * Decimal("1.25")
    assert permitted["margin"] >= Decimal("0.4") * 100_000 * Decimal("1.25") * Decimal("0.04")


def test_tickets_of_another_instrument_are_not_forgotten_by_a_permit(desk: Desk) -> None:
    ledger.open_account(slug=ACCOUNT, currency="USD", hedging=True, leverage=Decimal(30))
    hold_ticket(desk, "long", "0.3", Side.BUY)
    hold_ticket(desk, "short", "0.2", Side.SELL)
    assert isinstance(desk.ask("0.1", instrument="USDJPY"), Approved)
    assert desk_figures()["gross|EURUSD"] == Decimal("0.5") * 100_000 * Decimal("1.25")


def test_what_facing_tickets_have_won_is_in_the_equity_though_they_net(desk: Desk) -> None:
    ledger.open_account(slug=ACCOUNT, currency="USD", hedging=True, leverage=Decimal(30))
    hold_ticket(desk, "long", "0.2", Side.BUY)
    desk.quote("EURUSD", "1.25999", "1.26001")
    hold_ticket(desk, "short", "0.2", Side.SELL, "1.26")
    book = books.load(ACCOUNT)
    assert (book.quantity("EURUSD"), len(book.tickets)) == (Decimal(0), 2)
    marks, specs = quotes.latest(["EURUSD"]), instruments.specs()
    won = (Decimal("0.01") - Decimal("0.00002")) * 20_000  # what lies between both, less what closing costs
    assert book.equity(marks, specs) == 100_000 + won


def test_margin_stands_on_what_the_venue_says_where_that_is_less(desk: Desk) -> None:
    assert desk.reasons("0.1") == set()
    ledger.told_equity(account=ACCOUNT, equity=Decimal(0), currency="USD", at=timezone.now())
    assert desk.reasons("0.1") == {"min_free_margin"}


def test_a_closed_ticket_has_no_row(desk: Desk) -> None:
    hold_ticket(desk, "one", "0.3", Side.BUY)
    hold_ticket(desk, "one", "0.1", Side.SELL)
    assert list(Ticket.objects.values_list("ticket", "lots")) == [("one", Decimal("0.2"))]
    hold_ticket(desk, "one", "0.2", Side.SELL)
    assert not Ticket.objects.exists()


def test_a_limit_of_the_desk_that_ended_denies_nothing_more(desk: Desk) -> None:
    desk.limit("desk", Metric.GROSS, "100000", Unit.MONEY, "EURUSD")
    assert desk.reasons("0.5") == set()
    assert desk.reasons("0.5") == {"gross"}
    asked = changes.propose(
        kind=ChangeKind.LIMIT_END,
        payload={"scope": "desk", "metric": Metric.GROSS, "instrument": "EURUSD"},
        reason="test",
        by="user:1",
    )
    changes.approve(asked.id, by="user:2", reason="test")
    assert desk.reasons("0.5") == set()


def test_the_tighter_of_two_caps_on_one_figure_of_the_desk_is_the_one_that_guards(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.limit("desk", Metric.POSITION, "3")
    desk.limit("desk", Metric.POSITION, "2", instrument="EURUSD")
    caught: list[dict[str, Any]] = []
    take = room.take

    def noted(*asked: Any) -> dict[str, Any]:
        caught.append(take(*asked))
        return caught[-1]

    monkeypatch.setattr(room, "take", noted)
    assert isinstance(desk.ask("0.1"), Approved)
    caps = [(cap["name"], Decimal(cap["hard"])) for cap in caught[0]["caps"] if "position" in cap["name"]]
    assert caps == [("position_long|EURUSD", Decimal(2)), ("position_short|EURUSD", Decimal(2))]


def test_the_second_look_knows_each_order_that_was_seen_and_asks_for_any_other(desk: Desk) -> None:
    first, second = (resting_sell(desk, price) for price in ("1.2600", "1.2610"))
    orders = {order.client_order_id: order for order in Order.objects.all()}
    seen = [f"{orders[name].pk}:0:" for name in (first, second)]
    look = {"instrument": "EURUSD", "side": "buy", "owner": "desk", "venue": ""}
    with connection.cursor() as cursor:
        cursor.execute("SELECT portfolio_meets_nobody(%s)", [json.dumps(look | {"seen": seen})])
        with pytest.raises(OperationalError, match="has come in between"):
            cursor.execute("SELECT portfolio_meets_nobody(%s)", [json.dumps(look | {"seen": seen[1:]})])


def resting_sell(desk: Desk, price: str) -> str:
    verdict = desk.ask(
        "0.1", Side.SELL, order_type=OrderType.LIMIT, price=Decimal(price), source=f"agent:{price[-3:]}"
    )
    assert isinstance(verdict, Approved), verdict
    return verdict.order.client_order_id


def test_a_source_measured_for_the_first_time_keeps_what_is_permitted_after(desk: Desk) -> None:
    ledger.begin_snapshot(7)
    ledger.end_snapshot(7, {"source:agent:trend": {"sigma": Decimal(5000)}})
    assert used("sigma", scope="source:agent:trend") == 5000
    ledger.end_snapshot(6, {"source:agent:trend": {"sigma": Decimal(1)}})
    assert used("sigma", scope="source:agent:trend") == 5000


def test_entries_of_a_day_are_counted_and_end_with_it(desk: Desk) -> None:
    desk.limit("source:agent:trend", Metric.ENTRIES_DAY, "2", Unit.COUNT)
    assert [desk.reasons("0.01") for _ in range(3)] == [set(), set(), {"entries_day"}]


def test_a_denial_in_a_race_names_the_desk_with_value_and_limit(desk: Desk) -> None:
    slugs = accounts(desk, 2)
    desk.limit("desk", Metric.POSITION, "0.5")
    verdicts = at_once(
        [partial(persistent, desk.request("0.5", source=f"agent:{slug}", account=slug)) for slug in slugs]
    )
    denied = [verdict for verdict in verdicts if isinstance(verdict, Denied)]
    assert [breach.check for breach in denied[0].reasons] == ["position_desk"]
    assert (denied[0].reasons[0].value, denied[0].reasons[0].limit) == (Decimal(1), Decimal("0.5"))


def test_the_database_refuses_a_reservation_beyond_the_desk_by_whatever_way(desk: Desk) -> None:
    approved = desk.ask("0.5")
    assert isinstance(approved, Approved)
    ScopeUse.objects.filter(metric="gross", key="").update(hard=1)
    row = Reservation.objects.get(order__client_order_id=approved.order.client_order_id)
    again = Reservation(order=row.order, quantity=1, price=1, margin=1, uses=row.uses)
    row.delete()
    with pytest.raises(IntegrityError, match="no room left"):
        again.save(force_insert=True)


def test_a_tighter_market_moves_what_is_used_and_no_entry_passes_above_the_limit(desk: Desk) -> None:
    desk.hold("1")
    desk.limit("desk", Metric.GROSS, "130000", Unit.MONEY)
    desk.quote("EURUSD", "1.34999", "1.35001")
    ledger.rebase_all(margins.specs_of)
    assert used("gross") == Decimal(135_000)
    assert "gross" in desk.reasons("0.01")
    assert desk.reasons("0.5", Side.SELL, reduce_only=True) == set()


def test_figures_and_gate_are_named_alike_in_python_and_sql(desk: Desk) -> None:
    assert locks.key("desk-room") == GATE
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'portfolio_move_desk'")
        assert str(GATE) in cursor.fetchone()[0]


def test_reservations_equal_what_is_open(desk: Desk) -> None:
    for lots in ("0.1", "0.2"):
        desk.ask(lots)
    opened = sum(order.remaining for order in books.load(ACCOUNT).open_orders)
    assert used("position_long", "EURUSD") == opened == Decimal("0.3")


def test_an_account_that_nothing_is_known_of_keeps_its_figures_and_stops_no_other(desk: Desk) -> None:
    desk.hold("0.5")
    other = accounts(desk, 2)[1]
    assert isinstance(desk.ask("0.5", source="agent:other", account=other), Approved)
    InstrumentClass.objects.all().delete()
    Account.objects.filter(slug=ACCOUNT).update(pack="esma_retail")
    ScopeUse.objects.filter(metric="gross").update(used=1)
    assert ledger.rebase_all(margins.specs_of) == 1
    Account.objects.filter(slug=other).update(pack="nobody_knows")
    assert ledger.rebase_all(margins.specs_of) == 0
    assert used("position_long", "EURUSD") == 1
    assert used("gross") > 120_000
