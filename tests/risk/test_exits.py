"""Exits never exceed the position, whatever of them is UNKNOWN and whether or not it fills."""

import random
from decimal import Decimal

import pytest
from django.db import connection

from apps.portfolio import books, ledger
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from apps.portfolio.domain.report import ExecutionReport
from apps.portfolio.domain.views import OrderView
from apps.portfolio.models import Order
from apps.risk.domain.verdict import Approved
from tests.risk.cast import AGENT
from tests.risk.desk import ACCOUNT, Desk

D = Decimal
S = OrderStatus
OPEN_EXITS = """
SELECT coalesce(sum(r.quantity), 0), coalesce(sum(o.quantity - o.filled), 0)
FROM portfolio_order o JOIN portfolio_reservation r ON r.order_id = o.id
WHERE NOT o.is_entry AND o.instrument = 'EURUSD' AND o.side = 'sell'
    AND o.status NOT IN ('denied', 'filled', 'cancelled', 'rejected', 'expired', 'absent')
"""


def open_exits() -> tuple[Decimal, Decimal]:
    """Return what open exits reserve and what of them is open, as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN_EXITS)
        reserved, remaining = cursor.fetchone()
    return reserved, remaining


def leave(desk: Desk, lots: Decimal, source: str) -> None:
    kind = {"order_type": OrderType.LIMIT, "price": D("1.26")} if random.random() < 0.5 else {}
    desk.ask(str(lots), Side.SELL, source=source, reduce_only=True, **kind)


def send(outcome: str) -> None:
    """Send the next order and let the venue do something, or say nothing."""
    order = ledger.claim(owner="test", fence=1, lease_s=60)
    if order is None:
        return
    if outcome == "lost":
        ledger.mark_unknown(order_id=order.client_order_id, detail="no answer")
    else:
        tell(order, S(outcome))


def tell(order: OrderView, status: OrderStatus) -> None:
    ledger.apply(
        account=ACCOUNT, report=ExecutionReport(client_order_id=order.client_order_id, status=status)
    )


def learn(desk: Desk, chance: random.Random) -> None:
    """Find out what became of an order in doubt or at work: filled, never there, or cancelled."""
    states = [S.UNKNOWN.value, S.ACCEPTED.value]
    rows = list(Order.objects.filter(status__in=states, is_entry=False).order_by("id"))
    if not rows:
        return
    order = books.order(chance.choice(rows).client_order_id)
    if chance.random() < 0.5:
        ledger.apply(account=ACCOUNT, report=desk.filled(order))
    else:
        tell(order, S.CANCELLED)


@pytest.mark.parametrize("seed", range(8))
def test_i11_open_exits_fit_into_the_position_whatever_is_unknown(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    random.seed(seed)
    desk.hold("1")
    for _ in range(14):
        act = chance.choice(("leave", "leave", "send", "learn"))
        if act == "leave":
            lots = D(chance.randint(1, 10)) / 10
            leave(desk, lots, chance.choice((AGENT, "user:1", "enforcement:7")))
        elif act == "send":
            send(chance.choice(("lost", "lost", "accepted", "cancelled", "rejected")))
        else:
            learn(desk, chance)
        reserved, remaining = open_exits()
        assert reserved == remaining
        assert remaining <= books.position(ACCOUNT, "EURUSD")


def test_an_exit_in_doubt_keeps_its_part_until_it_is_known(desk: Desk) -> None:
    desk.hold("1")
    assert isinstance(desk.ask("0.7", Side.SELL, reduce_only=True), Approved)
    send("lost")
    assert desk.reasons("0.4", Side.SELL, reduce_only=True) == {"reversal"}
    assert isinstance(desk.ask("0.3", Side.SELL, reduce_only=True), Approved)
    lost = Order.objects.get(status="unknown")
    ledger.mark_absent(order_id=lost.client_order_id, detail="three empty rounds")
    assert isinstance(desk.ask("0.7", Side.SELL, reduce_only=True), Approved)
