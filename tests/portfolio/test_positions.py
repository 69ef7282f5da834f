"""Whatever happens in whatever order, the parts add up to the whole."""

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.portfolio import audit, books, ledger
from apps.portfolio.domain.book import AccountView
from apps.portfolio.domain.holding import Holding, apply_fill
from apps.portfolio.domain.order import OrderStatus, Side
from apps.portfolio.domain.report import FillReason
from apps.portfolio.models import Fill, Reservation
from tests.portfolio.factories import approve, fill, tell

STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    source: str
    side: Side
    lots: Decimal
    reduce_only: bool
    repeats: int
    cents: int


deeds = st.builds(
    Deed,
    source=st.sampled_from(["agent:a", "agent:b", "user:7", "enforcement:1", "venue"]),
    side=st.sampled_from(Side),
    lots=st.integers(1, 300).map(lambda steps: steps * STEP),
    reduce_only=st.booleans(),
    repeats=st.integers(1, 2),
    cents=st.integers(-5000, 5000),
)


def do(deed: Deed, name: str) -> None:
    booked = fill(side=deed.side, quantity=deed.lots, profit=Decimal(deed.cents) / 100, instrument=name)
    if deed.source == "venue":
        stop = fill(
            execution_id=booked.execution_id,
            instrument=name,
            side=deed.side,
            quantity=deed.lots,
            profit=booked.profit,
            reason=FillReason.STOP_OUT,
        )
        for _ in range(deed.repeats):
            ledger.book_external(account="paper-1", fills=[stop])
        return
    order = approve(
        source=deed.source, side=deed.side, quantity=deed.lots, reduce_only=deed.reduce_only, instrument=name
    )
    ledger.claim(owner="gateway", fence=1, lease_s=60)
    for _ in range(deed.repeats):
        tell(order, OrderStatus.FILLED, booked)


@given(st.lists(deeds, min_size=1, max_size=6), st.sampled_from(["EURUSD", "GBPUSD", "EURNOK"]))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_i10_virtual_positions_cash_and_room_always_add_up(
    account: AccountView, happened: list[Deed], name: str
) -> None:
    before, held_before = books.account("paper-1").cash, books.position("paper-1", name)
    for deed in happened:
        do(deed, name)
    book = books.load("paper-1")
    virtual = [held for (_, instrument), held in book.virtual.items() if instrument == name]
    net = book.holdings[name]
    assert sum(held.quantity for held in virtual) == net.quantity
    assert sum(held.realized for held in virtual) == net.realized
    assert net.quantity - held_before == sum(deed.lots * deed.side.sign for deed in happened)
    assert book.account.cash - before == sum(Decimal(deed.cents) / 100 - 3 for deed in happened)
    assert Fill.objects.count() == Fill.objects.values("execution_id").distinct().count()
    assert not Reservation.objects.filter(quantity__gt=0).exists()
    assert audit.verify("paper-1") is None


def test_the_net_row_is_the_domains_own_arithmetic(account: AccountView) -> None:
    fills = [
        fill(side=side, quantity=Decimal(lots), price=Decimal(price))
        for side, lots, price in ((Side.BUY, 2, "1.1"), (Side.BUY, 1, "1.25"), (Side.SELL, 5, "1.3"))
    ]
    ledger.book_external(account="paper-1", fills=fills)
    expected = Holding(instrument="EURUSD")
    for each in fills:
        expected = apply_fill(expected, each)
    assert books.load("paper-1").holdings["EURUSD"] == expected
