"""Connections as rows: health on change, symbols mapped or refused, one gateway at a time."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.brokers import connections
from apps.brokers.adapters.base import SymbolRecord
from apps.brokers.connections import mapping
from apps.brokers.domain.health import Health, Pulse
from apps.brokers.models import BrokerConnection, SymbolMapping
from apps.marketdata import instruments
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.portfolio import ledger
from apps.risk import alerts

pytestmark = pytest.mark.django_db
SLUG = "paper-mt5"


@pytest.fixture(autouse=True)
def _paper(db: None, valkey: str) -> None:
    ledger.open_account(slug="paper-1", currency="USD", leverage=Decimal(30))
    connections.seed_paper_connection(account_slug="paper-1", url="http://127.0.0.1:1/mcp", login=1)


def listed(symbol: str, *, complaint: str = "") -> SymbolRecord:
    spec = InstrumentSpec(
        name=symbol, base_currency="EUR", quote_currency="USD", contract_size=Decimal(100_000),
        tick_size=Decimal("0.00001"), lot_step=Decimal("0.01"), lot_min=Decimal("0.01"), lot_max=Decimal(100),
        margin_rate=Decimal("0.05"),
    )  # fmt: skip
    return SymbolRecord(
        symbol=symbol,
        currency_base="EUR",
        currency_profit="USD",
        spec=None if complaint else spec,
        complaint=complaint,
    )


def test_a_new_address_moves_the_connection_and_keeps_what_staff_set() -> None:
    BrokerConnection.objects.update(enabled=False)
    connections.seed_paper_connection(account_slug="paper-1", url="http://127.0.0.1:2/mcp", login=1)
    row = BrokerConnection.objects.get()
    assert (row.url, row.enabled) == ("http://127.0.0.1:2/mcp", False)
    assert connections.enabled() == []


def test_health_leaves_a_row_only_when_it_changes() -> None:
    up, down = Pulse(connected=True, latency_ms=9.0), Pulse(connected=False, complaint="gone")
    for pulse in (up, up, down, down, up):
        connections.record_state(SLUG, role="orders", pulse=pulse)
    row = BrokerConnection.objects.get()
    assert list(row.checks.order_by("id").values_list("state", "detail")) == [
        ("up", ""), ("down", "gone"), ("up", ""),
    ]  # fmt: skip
    assert (row.state, row.last_error) == (Health.UP, "gone")


def test_symbols_found_are_confirmed_on_paper_and_registered_under_our_name() -> None:
    used = mapping.map_symbols(SLUG, [listed("EURUSD.a")])
    assert used == connections.symbols(SLUG) == {"EURUSD": "EURUSD.a"}
    instruments._shelf.forget()
    assert instruments.spec("EURUSD").contract_size == 100_000


@pytest.mark.parametrize(
    "records",
    [
        [listed("EURUSD.a"), listed("EURUSD.b")],
        [listed("EURUSD", complaint="the venue does not say trade_contract_size")],
    ],
)
def test_a_doubtful_symbol_is_refused_with_an_alert(records: list[SymbolRecord]) -> None:
    assert "EURUSD" not in mapping.map_symbols(SLUG, records)
    assert "does not trade EURUSD" in alerts.open_alerts()[0].text
    assert SymbolMapping.objects.get(instrument="EURUSD").confirmed is False


def test_a_live_venues_lookalike_waits_for_a_person() -> None:
    BrokerConnection.objects.update(environment="live")
    assert mapping.map_symbols(SLUG, [listed("EURUSD.a")]) == {}


def test_each_gateway_takes_the_fence_from_the_one_before() -> None:
    first = connections.take_fence("one")
    assert connections.renew_fence("one", first)
    assert connections.take_fence("two") == first + 1
    assert not connections.renew_fence("one", first)


def test_the_base_timeframe_is_that_of_the_replayed_data(tmp_path: Path, settings: Any) -> None:
    settings.MTQ_REPLAY_DIR = tmp_path
    assert connections.base_timeframe() is Timeframe.M1
    (tmp_path / "manifest.json").write_text(json.dumps({"timeframe_minutes": 60}))
    assert connections.base_timeframe() is Timeframe.H1
