"""Each address that reads, once: its answer is exactly what the schema says."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from apps.marketdata import instruments, quotes
from apps.marketdata.api import days
from apps.marketdata.domain.quote import Quote
from tests.site import rows, schema

API = "/api/v1"
READS = (
    "session", "clock", "instruments", "quotes", "accounts", "orders", "fills", "positions", "breakers",
    "alerts", "connections",
)  # fmt: skip


@pytest.fixture
def market(valkey: str) -> None:
    """A quote of now for EURUSD, none for the others."""
    instruments.forget()
    days.forget()
    now = datetime.now(UTC)
    quote = Quote(instrument="EURUSD", bid=Decimal("1.0825"), ask=Decimal("1.0827"), quote_at=now)
    quotes.shelf().put([quote])


def _read(browser: Client, path: str) -> Any:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize("name", READS)
def test_an_answer_is_what_the_schema_says(
    name: str, sign_in: Callable[[str], Client], desk: rows.Desk, market: None
) -> None:
    path = f"{API}/{name}/"
    assert schema.faults(_read(sign_in("viewer"), path), path) == []


def test_there_is_something_to_hold_against_the_schema(
    sign_in: Callable[[str], Client], desk: rows.Desk, market: None
) -> None:
    browser = sign_in("viewer")
    for name in ("orders", "fills", "alerts"):
        assert _read(browser, f"{API}/{name}/")["results"]
    for name in ("accounts", "positions", "quotes", "instruments", "breakers", "connections"):
        assert _read(browser, f"{API}/{name}/")


def test_one_order_has_the_shape_of_the_list(sign_in: Callable[[str], Client], desk: rows.Desk) -> None:
    browser = sign_in("viewer")
    body = _read(browser, f"{API}/orders/{desk.order.client_order_id}/")
    assert schema.faults(body, f"{API}/orders/{{order_id}}/") == []
    assert body in _read(browser, f"{API}/orders/")["results"]
    assert body["requested_at"] == "2026-01-06T03:12:00.000Z"
    assert body["quantity"] == "0.5"


def test_an_account_shows_its_valuation_and_its_breaker(
    sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    body = _read(sign_in("viewer"), f"{API}/accounts/paper-1/")
    assert schema.faults(body, f"{API}/accounts/{{slug}}/") == []
    assert (body["cash"], body["equity"], body["open_profit"]) == ("100000", "98500", "-1500")
    assert body["breaker"] == {"level": 0, "level_name": "NORMAL", "thresholds": [0.05, 0.1, 0.15]}
    assert body["drawdown"] == 0.0248
    assert body["day_profit"] is None  # the breaker has not seen a day begin


def test_the_day_profit_counts_from_the_start_of_the_breakers_day(
    sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    desk.breaker.day_start = Decimal(99_000)
    desk.breaker.save()
    assert _read(sign_in("viewer"), f"{API}/accounts/paper-1/")["day_profit"] == "-500"


def test_a_curve_keeps_its_dips(sign_in: Callable[[str], Client], desk: rows.Desk) -> None:
    body = _read(sign_in("viewer"), f"{API}/accounts/paper-1/curve/?points=10")
    assert schema.faults(body, f"{API}/accounts/{{slug}}/curve/") == []
    assert min(Decimal(point["low"]) for point in body["points"]) == 98_500
    assert body["base"] == "101000"


def test_a_position_is_marked_where_it_would_be_closed(
    sign_in: Callable[[str], Client], desk: rows.Desk, market: None
) -> None:
    (position, *_) = _read(sign_in("viewer"), f"{API}/positions/?account=paper-1")
    assert (position["mark"], position["open_profit"], position["stale"]) == ("1.0825", "125", False)


def test_without_a_quote_a_position_is_stale_and_no_figure_is_invented(
    sign_in: Callable[[str], Client], desk: rows.Desk, valkey: str
) -> None:
    (position, *_) = _read(sign_in("viewer"), f"{API}/positions/")
    assert (position["mark"], position["open_profit"], position["stale"]) == (None, None, True)


def test_a_quote_has_its_age_and_one_that_is_missing_is_stale(
    sign_in: Callable[[str], Client], desk: rows.Desk, market: None
) -> None:
    eurusd, gbpusd, _ = _read(sign_in("viewer"), f"{API}/quotes/")
    assert (eurusd["bid"], eurusd["spread"], eurusd["stale"]) == ("1.0825", "0.0002", False)
    assert 0 <= eurusd["age_s"] < 15
    assert (gbpusd["bid"], gbpusd["age_s"], gbpusd["stale"]) == (None, None, True)


def test_bars_of_what_is_not_traded_are_refused(
    sign_in: Callable[[str], Client], desk: rows.Desk, market: None
) -> None:
    answer = sign_in("viewer").get(f"{API}/bars/?instrument=XAUUSD&timeframe=1m")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/query/instrument"
