"""Orders, fills, doubts, gaps and limits in any order, on a real database: no permit passes a limit.

CI plays a few runs. The campaign: `MTQ_MACHINE_RUNS=2000 pytest tests/risk/test_machine.py`.
"""

import json
import os
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live_settings  # the fixture's nest one in another, run after run
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as plays
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytest_django import Settings

from apps.marketdata import clock, ingestion, instruments, quotes
from apps.portfolio import audit, books, ledger
from apps.portfolio.domain.order import OrderRequest, OrderStatus, OrderType, Side
from apps.portfolio.domain.report import CashMovement, ExecutionReport, ReportedFill
from apps.portfolio.models import Account, OrderEvent, ScopeUse
from apps.risk import changes, margins, review, snapshots
from apps.risk.domain.checks import context as check_context
from apps.risk.domain.limits import Metric, Unit
from apps.risk.domain.verdict import Approved, Denied, Verdict
from apps.risk.models import RiskLimit
from tests import emptying
from tests.risk.bookkeeping import ENDS, LEGAL, WIDER, Bookkeeping, Kept
from tests.risk.cast import spec
from tests.risk.desk import ACCOUNT, open_desk

RUNS = int(os.environ.get("MTQ_MACHINE_RUNS", "6"))
STEPS = 50 if RUNS > 100 else 25
ACCOUNTS = (ACCOUNT, "paper-2")
SOURCES = ("agent:trend", "agent:turn", "user:7")
PRICES = {"EURUSD": Decimal("1.25"), "GBPUSD": Decimal("1.5")}
HALF = Decimal("0.00001")
LOTS = st.sampled_from([Decimal(text) for text in ("0.01", "0.1", "0.4", "0.99", "1", "1.5")])
WIDE = {
    "lots": ("order_size", "position"),
    "money": ("order_value", "gross", "net", "margin", "value_day", "day_loss", "min_free_margin"),
    "count": ("open_orders", "entries_day", "message_burst", "repeats"),
    "equity": ("max_order_equity",),
    "per_second": ("message_rate",),
}
# What the machine tightens and loosens; everything else is wide.
LIMITS: dict[tuple[str, Metric], tuple[Unit, tuple[str, ...]]] = {
    (f"account:{ACCOUNT}", Metric.POSITION): (Unit.LOTS, ("4", "1.5", "0.8")),
    (f"account:{ACCOUNT}", Metric.GROSS): (Unit.MONEY, ("800000", "257502.06", "120000")),
    ("source:*", Metric.POSITION): (Unit.LOTS, ("3", "1", "0.5")),
    ("desk", Metric.GROSS): (Unit.MONEY, ("1200000", "386253.09", "150000")),
    ("desk", Metric.OPEN_ORDERS): (Unit.COUNT, ("8", "4", "1")),
}
PICKS = st.integers(0, 59)
_numbers = count(1)
_ground: dict[str, Any] = {}
_seen: Counter[str] = Counter()


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        _seen["runs"] += 1
        with connection.cursor() as cursor:
            cursor.execute(emptying._deletion("default"))
        folder = _ground["folder"] / str(_seen["runs"])  # the clock of a file never goes back
        folder.mkdir()
        self.desk = open_desk(live_settings, folder)
        self.clock = folder / "clock.json"
        stop_clock(self.clock)
        ingestion.register(source="more", specs=[("GBPUSD", spec("GBPUSD"))])
        instruments.forget()
        ledger.open_account(slug=ACCOUNTS[1], currency="USD", leverage=Decimal(30))
        changes.seed_paper_limits(ACCOUNTS[1])
        for unit, metrics in WIDE.items():
            RiskLimit.objects.filter(metric__in=metrics).update(hard=10**8, soft=None, unit=unit)
        for slug in ACCOUNTS:
            deposit(slug, Decimal(10**9))
            Account.objects.filter(slug=slug).update(owner=slug)  # they may meet one another
        self.books = Bookkeeping(mids=dict(PRICES))
        self.hard: dict[tuple[str, Metric], Decimal] = {}
        for (scope, metric), (unit, steps) in LIMITS.items():
            RiskLimit.objects.filter(scope=scope, metric=metric).update(hard=steps[0], unit=unit)
            self.hard[scope, metric] = Decimal(steps[0])
        self.days = 0
        self.speak()

    @rule()
    def speak(self) -> None:
        """A second later every price is said again, and the desk is measured."""
        stop_clock(self.clock, seconds=1)
        for name, mid in self.books.mids.items():
            self.desk.quote(name, str(mid - HALF), str(mid + HALF))
        snapshots.measure(figures=False)
        ledger.rebase_all(margins.specs_of)
        said = quotes.latest(PRICES)
        assert {name: said[name].mid for name in PRICES} == self.books.mids

    @rule(name=st.sampled_from(sorted(PRICES)), per_cent=st.sampled_from([-12, -3, -1, 1, 4, 15]))
    def gap(self, name: str, per_cent: int) -> None:
        moved = self.books.mids[name] * (100 + per_cent) / 100
        self.books.mids[name] = moved.quantize(Decimal("0.00001"))
        self.speak()

    @precondition(lambda self: self.days < 2)
    @rule()
    def roll(self) -> None:
        """It is the same time tomorrow: no price is fresh, and the day's counters are nought."""
        self.days += 1
        stop_clock(self.clock, days=1)

    @rule()
    def fall_silent(self) -> None:
        """A minute passes without a price."""
        stop_clock(self.clock, seconds=60)

    @rule(
        account=st.sampled_from(ACCOUNTS),
        source=st.sampled_from(SOURCES),
        name=st.sampled_from(sorted(PRICES)),
        side=st.sampled_from([Side.BUY, Side.BUY, Side.SELL]),
        lots=LOTS,
        away=st.sampled_from([0, 0, 1, 2]),
        twice=st.booleans(),
        fills=st.booleans(),
        hears=st.sampled_from([True, True, True, True, False]),
    )
    def enter(
        self, account: str, source: str, name: str, side: Side, lots: Decimal, away: int, twice: bool,
        fills: bool, hears: bool,
    ) -> None:  # fmt: skip
        if hears:
            self.speak()
        mid, price = self.books.mids[name], None
        if away:  # a limit that rests so many per mille on the better side
            price = (mid * (1000 - side.sign * away) / 1000).quantize(Decimal("0.00001"))
        request = self.asked(account, source, name, side, lots, price=price)
        verdict = review.permit(request)
        if twice:
            assert review.permit(request).order == verdict.order
        if isinstance(verdict, Approved):
            worst = (
                (price or mid + HALF) if side is Side.BUY else max(mid - HALF, price or Decimal(0)) * WIDER
            )
            held_at = worst if price is not None or side is Side.SELL else worst * WIDER
            self.keep(verdict, request, held_at)
            self.judge(verdict.order.client_order_id)
            if fills:
                self.carry("1")
        else:
            self.explain(verdict)

    @rule(pick=PICKS, part=st.sampled_from([1, 2, 3]))
    def leave(self, pick: int, part: int) -> None:
        """An exit of a part of what a source holds, or of more than that, passes whatever limits say."""
        found = [(key, lots) for key, lots in self.books.held.items() if lots]
        for (account, source, name), lots in found[pick % len(found) :][:1] if found else ():
            wanted = (abs(lots) * part / 2).quantize(Decimal("0.01"))
            if not wanted:
                return
            request = self.asked(account, source, name, Side.of(-lots), wanted, reduce_only=True)
            verdict = review.permit(request)
            if isinstance(verdict, Approved):
                self.keep(verdict, request, Decimal(0))
                position = self.books.position(account, name)
                leaving = sum(
                    o.open_lots for o in self.books.of(account=account) if self.reduces(o, name, position)
                )
                assert verdict.order.is_entry or leaving <= abs(position), "more leaves than is held"
            else:
                assert isinstance(verdict, Denied)
                reasons = {breach.reason for breach in verdict.reasons}
                assert reasons & {"reversal", "escalate", "duplicate", "hedge"}, reasons

    def reduces(self, order: Kept, name: str, position: Decimal) -> bool:
        return order.instrument == name and not order.is_entry and order.sign * position < 0

    @rule()
    def claim(self) -> None:
        order = ledger.claim(owner="test", fence=1, lease_s=60)
        if order is not None:
            self.books.orders[order.client_order_id].status = "sending"

    @rule(part=st.sampled_from(["0.5", "1", "1"]))
    def carry(self, part: str) -> None:
        """The oldest that may be sent goes to the venue, which fills a half or all of it."""
        order = ledger.claim(owner="test", fence=1, lease_s=60)
        if order is None:
            return
        kept = self.books.orders[order.client_order_id]
        kept.status = "sending"
        lots = (kept.quantity * Decimal(part)).quantize(Decimal("0.01"))
        if lots:
            self.report(order.client_order_id, "filled" if part == "1" else "partially_filled", lots)

    @precondition(lambda self: self.books.orders)
    @rule(
        pick=PICKS,
        status=st.sampled_from(
            ["accepted", "partially_filled", "filled", "cancelled", "rejected", "expired"]
        ),
    )
    def hear(self, pick: int, status: str) -> None:
        """The venue says something of an order, late or not."""
        order_id = self.picked(pick)
        order = self.books.orders[order_id]
        if order.status == "approved":
            return  # the venue has not heard of it
        left = order.quantity - order.filled
        lots = {"partially_filled": (left / 2).quantize(Decimal("0.01")), "filled": left}.get(
            status, Decimal(0)
        )
        self.report(order_id, status, lots)

    def report(self, order_id: str, status: str, lots: Decimal) -> None:
        order = self.books.orders[order_id]
        fills = (self.fill_of(order_id, order, lots),) if lots > 0 else ()
        ledger.apply(
            account=order.account,
            report=ExecutionReport(client_order_id=order_id, status=OrderStatus(status), fills=fills),
        )
        if fills:
            _seen["late fills" if order.status in ENDS else "fills"] += 1
            self.books.fill(order, lots)
        self.follow(order_id)

    @precondition(lambda self: self.books.orders)
    @rule(pick=PICKS, act=st.sampled_from(["unknown", "absent", "cancel", "expire", "not_sent", "refused"]))
    def do(self, pick: int, act: str) -> None:
        order_id = self.picked(pick)
        doors: dict[str, Any] = {
            "unknown": lambda: ledger.mark_unknown(order_id=order_id, detail="test"),
            "absent": lambda: ledger.mark_absent(order_id=order_id, detail="test"),
            "cancel": lambda: ledger.request_cancel(order_id=order_id),
            "expire": lambda: ledger.expire(order_id=order_id),
            "not_sent": lambda: ledger.not_sent(order_id=order_id, detail="test"),
            "refused": lambda: ledger.cancel_refused(order_id=order_id, detail="test"),
        }
        doors[act]()
        self.follow(order_id)
        _seen["in doubt"] += act == "unknown" and self.books.orders[order_id].status == "unknown"

    @rule(which=st.sampled_from(sorted(LIMITS)), step=st.sampled_from([0, 0, 1, 2]))
    def limit(self, which: tuple[str, Metric], step: int) -> None:
        """A tighter limit acts at once, a looser one after a second person agreed."""
        unit, steps = LIMITS[which]
        if Decimal(steps[step]) != self.hard[which]:
            _seen["limits changed"] += 1
            self.desk.limit(*which, steps[step], unit)
            self.hard[which] = Decimal(steps[step])

    @invariant()
    def count_steps(self) -> None:
        _seen["steps"] += 1

    @invariant()
    def reservations_equal_what_is_open(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT o.client_order_id, r.quantity FROM portfolio_order o "
                "JOIN portfolio_reservation r ON r.order_id = o.id"
            )
            found = dict(cursor.fetchall())
        assert found == {order_id: order.open_lots for order_id, order in self.books.orders.items()}

    @invariant()
    def positions_agree(self) -> None:
        for slug in ACCOUNTS:
            book = books.load(slug)
            for name in PRICES:
                assert book.quantity(name) == self.books.position(slug, name)

    @invariant()
    def states_are_legal(self) -> None:
        moves = set(OrderEvent.objects.values_list("old_status", "new_status"))
        assert all(new in LEGAL.get(old, set()) or old == new for old, new in moves), moves

    @invariant()
    def counters_do_not_miss_anything(self) -> None:
        counted = {
            (use.metric, use.key): use.used
            for use in ScopeUse.objects.filter(scope="desk", metric__in=("position_long", "position_short"))
        }
        for name in PRICES:
            for metric, sign in (("position_long", 1), ("position_short", -1)):
                if (metric, name) in counted:
                    true = sum(self.books.worst_side(slug, name, sign) for slug in ACCOUNTS)
                    assert counted[metric, name] >= true, (metric, name, counted, true)

    def teardown(self) -> None:
        assert all(audit.verify(slug) is None for slug in ACCOUNTS)

    def judge(self, order_id: str) -> None:
        """Hold what is open now, the new order with it, against every limit of the machine."""
        order, use = self.books.orders[order_id], self.books
        lots = use.worst_lots(order.account, order.instrument)
        if order.account == ACCOUNT:
            assert lots <= self.hard[f"account:{ACCOUNT}", Metric.POSITION]
            assert use.gross(ACCOUNT) <= self.hard[f"account:{ACCOUNT}", Metric.GROSS]
        own = use.worst_of_accounts(ACCOUNTS, order.instrument, order.source)
        assert own <= self.hard["source:*", Metric.POSITION]
        assert use.desk_gross() <= self.hard["desk", Metric.GROSS]
        assert len(list(use.of())) <= self.hard["desk", Metric.OPEN_ORDERS]

    def explain(self, verdict: Verdict) -> None:
        assert isinstance(verdict, Denied)
        assert verdict.reasons
        _seen.update(f"denied {breach.reason}" for breach in verdict.reasons)
        assert {breach.reason.partition(":")[0] for breach in verdict.reasons} & {"check_error"} == set()

    def asked(
        self, account: str, source: str, name: str, side: Side, lots: Decimal, **more: Any
    ) -> OrderRequest:
        kind = OrderType.LIMIT if more.get("price") is not None else OrderType.MARKET
        return self.desk.request(
            str(lots), side, account=account, source=source, instrument=name, order_type=kind, **more
        )

    def keep(self, verdict: Approved, request: OrderRequest, price: Decimal) -> None:
        assert verdict.quantity <= request.quantity
        _seen["entries" if verdict.order.is_entry else "exits"] += 1
        self.books.orders[verdict.order.client_order_id] = Kept(
            account=request.account,
            source=request.source,
            instrument=request.instrument,
            sign=request.side.sign,
            quantity=verdict.quantity,
            price=price,
            is_entry=verdict.order.is_entry,
        )

    def picked(self, pick: int) -> str:
        """Return one of the last orders: old ones have mostly ended."""
        orders = list(self.books.orders)
        return orders[-1 - pick % min(len(orders), 6)]

    def follow(self, order_id: str) -> None:
        self.books.orders[order_id].status = books.order(order_id).status.value

    def fill_of(self, order_id: str, order: Kept, lots: Decimal) -> ReportedFill:
        row = books.order(order_id)
        return ReportedFill(
            execution_id=f"deal-{next(_numbers)}",
            venue_order_id="1",
            venue_position_id="1",
            client_number=row.number,
            instrument=order.instrument,
            side=row.side,
            quantity=lots,
            price=self.books.mids[order.instrument],
            profit=Decimal(0),
            executed_at=row.requested_at,
        )


def stop_clock(path: Path, *, days: int = 0, seconds: int = 0) -> None:
    """Let desk time stand, else what a run finds would depend on how fast this machine is."""
    anchor = json.loads(path.read_text())
    at = datetime.fromisoformat(anchor["desk_at"]) + timedelta(days=days, seconds=seconds)
    path.write_text(json.dumps(anchor | {"desk_at": at.isoformat(), "speed": 1e-9}))


def deposit(slug: str, amount: Decimal) -> None:
    movement = CashMovement(
        movement_id=f"cash-{next(_numbers)}-{slug}", amount=amount, moved_at=clock.desk_now()
    )
    ledger.book_external(account=slug, cash=[movement])


def test_no_permit_passes_a_limit_whatever_happens(
    transactional_db: None,
    valkey: str,
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What depends on how fast this machine is has tests of its own.
    settings.MTQ_ANSWER_WITHIN_S = 60.0
    monkeypatch.setattr(check_context, "SNAPSHOT_LASTS", timedelta(hours=1))
    _ground.update(folder=tmp_path)
    run_state_machine_as_test(
        Machine,
        settings=plays(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    if RUNS > 6:
        with capsys.disabled():
            print("machine:", ", ".join(f"{count} {what}" for what, count in sorted(_seen.items())))
