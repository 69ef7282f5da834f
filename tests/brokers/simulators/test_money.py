"""What must hold whatever clients and prices do."""

import shutil
import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.brokers.simulators.market.accounts import Account
from apps.brokers.simulators.market.faults import Fault
from apps.brokers.simulators.market.venue import Opening, Venue
from tests.brokers.simulators.stage import START_S, account, go, pend, synthetic, trade

SYMBOLS = st.sampled_from(["EURUSD", "GBPUSD", "USDJPY", "XAUUSD"])
LOTS = st.sampled_from([0.01, 0.1, 0.5, 1.0, 3.0, -0.01, -0.1, -0.5, -1.0, -3.0])
STEPS = st.lists(
    st.tuples(st.sampled_from(["trade", "stops", "pend", "shock", "part", "wait"]), SYMBOLS, LOTS),
    max_size=25,
)


def play(venue: Venue, steps: list[tuple[str, str, float]]) -> None:
    for place, (what, symbol, lots) in enumerate(steps, 1):
        quote = venue.quotes[symbol]
        if what == "stops":
            gap = 0 if lots > 0 else 2
            trade(venue, symbol, lots, sl=float(quote.bid) * (0.99 + gap / 100) // 0.01 / 100)
        elif what == "pend":
            pend(
                venue, symbol, 2 if lots > 0 else 5, abs(lots), str(quote.bid * Decimal("0.999")).ljust(6)[:6]
            )
        elif what == "shock":
            venue.shock({symbol: 1 + lots / 100})
        elif what == "part":
            venue.arm(Fault(kind="partial_fill", fraction=0.3))
            trade(venue, symbol, lots)
        elif what == "wait":
            go(venue, venue.now_s - START_S + 7200)
        else:
            trade(venue, symbol, lots)
        assert place


def money(held: Account) -> Decimal:
    return sum((d.profit + d.commission + d.swap + d.fee for d in held.deals), Decimal(0))


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_cash_is_the_sum_of_deals_and_positions_are_the_sum_of_volumes(
    steps: list[tuple[str, str, float]],
) -> None:
    with tempfile.TemporaryDirectory() as home:
        venue = synthetic(Path(home))
        play(venue, steps)
        held = account(venue)
        assert held.cash == money(held)
        assert held.cash == held.cash.quantize(Decimal("0.01"))
        for symbol in venue.quotes:
            signed = [d.volume if d.side == "buy" else -d.volume for d in held.deals if d.symbol == symbol]
            position = held.net(symbol)
            assert sum(signed, Decimal(0)) == (position.volume if position else 0)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_no_order_fills_more_than_it_asked(steps: list[tuple[str, str, float]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        venue = synthetic(Path(home), openings=(Opening(margin_mode="hedging"),))
        play(venue, steps)
        held = account(venue)
        assert held.cash == money(held)
        for order in [*held.orders.values(), *held.ended.values()]:
            filled = sum((d.volume for d in held.deals if d.order == order.ticket), Decimal(0))
            assert filled + order.remaining == order.volume
            assert 0 <= filled <= order.volume


@settings(max_examples=20, deadline=None)
@given(steps=STEPS, cut=st.floats(0, 1))
def test_a_venue_rebuilt_from_its_log_equals_the_live_one_at_any_cut(
    steps: list[tuple[str, str, float]], cut: float
) -> None:
    with tempfile.TemporaryDirectory() as home:
        live = synthetic(Path(home) / "live")
        half = int(len(steps) * cut)
        play(live, steps[:half])
        live.journal.sync()
        shutil.copytree(Path(home) / "live", Path(home) / "copy")
        rebuilt = synthetic(Path(home) / "copy", reanchor=True)
        assert rebuilt.books.accounts == live.books.accounts
        assert {n: (q.bid, q.ask) for n, q in rebuilt.quotes.items()} == {
            n: (q.bid, q.ask) for n, q in live.quotes.items()
        }
        go(live, live.now_s - START_S + 1)
        go(rebuilt, live.now_s - START_S)
        play(live, steps[half:])
        play(rebuilt, steps[half:])
        assert rebuilt.books.accounts == live.books.accounts
