"""MT5 payloads to values: exact where money is touched, loud where a record cannot be what it claims."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.brokers.adapters.mt5 import parse
from apps.brokers.adapters.mt5.numbers import BadPayloadError, decimal, money, on_step, price_or_none
from apps.brokers.adapters.mt5.profile import QOYYUUM, has_path
from apps.brokers.adapters.mt5.retcodes import Proof
from apps.brokers.adapters.mt5.server_clock import ServerClock
from apps.brokers.errors import ProfileMismatch
from apps.marketdata.domain.bar import Timeframe
from apps.portfolio.domain.order import OrderStatus, Side
from apps.portfolio.domain.report import FillReason

NEW_YORK_CLOSE = ServerClock.named("NY+7")
SYMBOL: dict[str, Any] = {
    "name": "EURUSD.a",
    "currency_base": "EUR",
    "currency_profit": "USD",
    "trade_contract_size": 100000.0,
    "trade_tick_size": 1e-05,
    "volume_step": 0.01,
    "volume_min": 0.01,
    "volume_max": 500.0,
}
found = parse.symbol(SYMBOL, leverage=30).spec
assert found is not None
SPEC = found
NAMES = parse.Names(specs={"EURUSD.a": SPEC}, server=NEW_YORK_CLOSE)
DEAL: dict[str, Any] = {
    "ticket": 501, "order": 77, "time": 1_767_607_200, "time_msc": 1_767_607_200_123, "type": 1, "entry": 1,
    "magic": 9_007_199_254_740_993, "position_id": 70, "reason": 3, "volume": 0.3, "price": 1.10724,
    "commission": -1.05, "swap": -0.1, "profit": 12.3, "fee": 0.0, "symbol": "EURUSD.a", "comment": "",
}  # fmt: skip


@given(st.integers(-10_000_000, 10_000_000), st.integers(0, 5))
def test_every_price_on_a_tick_comes_back_from_its_float(ticks: int, digits: int) -> None:
    step = Decimal(1).scaleb(-digits)
    assert on_step(decimal(float(ticks * step)), step) == ticks * step


@given(st.integers(-(10**12), 10**12))
def test_cents_survive_binary_floats(cents: int) -> None:
    assert money(cents / 100) == Decimal(cents) / 100


@given(st.integers(0, 2**63 - 1))
def test_numbers_wider_than_a_float_stay_whole(number: int) -> None:
    assert decimal(number) == number


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.0, -1.1, None, "x", True])
def test_unsound_price_is_none(value: object) -> None:
    assert price_or_none(value, Decimal("0.00001")) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, None, "many"])
def test_unsound_money_is_refused(value: object) -> None:
    with pytest.raises(BadPayloadError):
        money(value)


def test_spec_takes_the_venues_sizes() -> None:
    assert (SPEC.contract_size, SPEC.lot_step, SPEC.tick_size) == (
        Decimal(100_000),
        Decimal("0.01"),
        Decimal("0.00001"),
    )
    assert SPEC.margin_rate == Decimal(1) / 30


@pytest.mark.parametrize("missing", ["trade_contract_size", "volume_step", "trade_tick_size"])
def test_size_that_the_venue_does_not_say_is_a_complaint(missing: str) -> None:
    record = parse.symbol(SYMBOL | {missing: None}, leverage=30)
    assert record.spec is None
    assert missing in record.complaint


def test_deal_is_a_fill_in_utc_with_exact_money() -> None:
    fill = parse.fill(DEAL, NAMES)
    assert (fill.client_number, fill.side, fill.quantity) == (
        9_007_199_254_740_993,
        Side.SELL,
        Decimal("0.30"),
    )
    assert (fill.profit, fill.commission, fill.swap) == (Decimal("12.30"), Decimal("-1.05"), Decimal("-0.10"))
    assert fill.executed_at == datetime(2026, 1, 5, 8, 0, 0, 123_000, UTC)  # server 10:00 in winter


@pytest.mark.parametrize(
    ("reason", "expected"),
    [(4, FillReason.STOP_LOSS), (5, FillReason.TAKE_PROFIT), (6, FillReason.STOP_OUT)],
)
def test_the_venues_own_closing_is_not_our_orders_fill(reason: int, expected: FillReason) -> None:
    fill = parse.fill(DEAL | {"reason": reason}, NAMES)
    assert (fill.client_number, fill.reason) == (0, expected)


def test_symbol_without_mapping_keeps_its_name_and_its_money() -> None:
    fill = parse.fill(DEAL | {"symbol": "WHAT", "magic": 0, "reason": 0}, NAMES)
    assert (fill.instrument, fill.reason, fill.profit) == ("WHAT", FillReason.EXTERNAL, Decimal("12.30"))


@pytest.mark.parametrize(
    ("state", "left", "status"),
    [
        (1, 1.0, OrderStatus.ACCEPTED),
        (3, 0.4, OrderStatus.PARTIALLY_FILLED),
        (1, 0.4, OrderStatus.PARTIALLY_FILLED),
        (2, 1.0, OrderStatus.CANCELLED),
        (4, 0.0, OrderStatus.FILLED),
        (6, 1.0, OrderStatus.EXPIRED),
        (99, 1.0, OrderStatus.ACCEPTED),
    ],
)
def test_order_states(state: int, left: float, status: OrderStatus) -> None:
    record = {"ticket": 5, "symbol": "EURUSD.a", "type": 2, "state": state, "magic": 1}
    order = parse.order(record | {"volume_initial": 1.0, "volume_current": left}, NAMES)
    assert (order.status, order.quantity - order.filled) == (status, Decimal(str(left)))


@pytest.mark.parametrize(
    ("payload", "text", "proof", "retcode"),
    [
        ({"retcode": 10009, "order": 7}, "", Proof.DONE, 10009),
        ({"retcode": 10010, "order": 7}, "", Proof.PARTLY, 10010),
        (
            None,
            "Order execution failed: No money\nResult: {'retcode': 10019, 'deal': 0}",
            Proof.REFUSED,
            10019,
        ),
        (None, "Order execution failed\nResult: {'retcode': 10012}", Proof.UNKNOWN, 10012),
        (None, "Order execution failed\nResult: {'retcode': 10999}", Proof.UNKNOWN, 10999),
        (None, "Failed to send order. MT5 Error -10005: IPC timeout", Proof.UNKNOWN, None),
        (None, "Error executing tool order_send", Proof.UNKNOWN, None),
        ([], "", Proof.UNKNOWN, None),
    ],
)
def test_only_listed_codes_prove_anything(
    payload: object, text: str, proof: Proof, retcode: int | None
) -> None:
    answer = parse.trade_answer(payload, text)
    assert (answer.proof, answer.retcode) == (proof, retcode)


def bar(minute: int, **changes: Any) -> dict[str, Any]:
    plain = {"time": f"2026-01-05T02:{minute:02d}:00Z", "open": 1.1, "high": 1.2, "low": 1.0, "close": 1.15}
    return plain | {"tick_volume": 10, "spread": 12} | changes


def test_bars_get_their_ask_from_the_spread_and_leave_out_what_is_unsound() -> None:
    records = [
        bar(2), bar(1), bar(1), bar(3, high=math.nan), bar(4, low=-1.0), bar(5, high=1.1), bar(6, spread=-2),
    ]  # fmt: skip
    window, unsound = parse.bars(records, SPEC, Timeframe.M1, NEW_YORK_CLOSE)
    assert [str(at) for at in window.open_at] == ["2026-01-05T00:01:00.000000", "2026-01-05T00:02:00.000000"]
    assert np.allclose(window.ask_close - window.bid_close, 0.00012)
    assert unsound == 5


def test_server_that_follows_new_york_is_read_right_on_both_sides_of_a_clock_change() -> None:
    winter, summer = datetime(2026, 3, 6, 12, tzinfo=UTC), datetime(2026, 3, 9, 12, tzinfo=UTC)
    walls = [NEW_YORK_CLOSE.to_wall(at) for at in (winter, summer)]
    assert [wall.hour for wall in walls] == [14, 15]
    assert [NEW_YORK_CLOSE.to_utc(wall) for wall in walls] == [winter, summer]


@pytest.mark.parametrize(
    ("ahead_h", "expected"),
    [
        (2, NEW_YORK_CLOSE),
        (0, ServerClock(ahead=timedelta())),
        (5.5, ServerClock(ahead=timedelta(hours=5.5))),
    ],
)
def test_server_clock_is_found_from_a_live_tick(ahead_h: float, expected: ServerClock) -> None:
    now = datetime(2026, 1, 5, 12, tzinfo=UTC)
    wall = now + timedelta(hours=ahead_h, seconds=-3)
    assert ServerClock.found([wall], now=now, tolerance=timedelta(minutes=2)) == expected


def test_stale_tick_tells_no_clock() -> None:
    now = datetime(2026, 1, 5, 12, tzinfo=UTC)
    wall = now - timedelta(minutes=17)
    assert ServerClock.found([wall], now=now, tolerance=timedelta(minutes=2)) is None


def test_schema_path_is_followed_through_references() -> None:
    schema = {
        "properties": {"request": {"anyOf": [{"$ref": "#/$defs/Order"}, {"type": "null"}]}},
        "$defs": {"Order": {"properties": {"position": {"type": "integer"}}}},
    }
    assert has_path(schema, ["request", "position"])
    assert not has_path(schema, ["request", "order"])


def test_server_without_its_tools_is_no_match() -> None:
    with pytest.raises(ProfileMismatch, match="order_send"):
        QOYYUUM.check({}, hedging=False)
