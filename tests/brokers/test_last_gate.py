"""The last gate: what it cannot read it does not send; what only reduces passes epochs and levels."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pytest

from apps.brokers import connections, last_gate
from apps.brokers.gateway.desk import dsn
from apps.brokers.last_gate import GateVerdict
from apps.marketdata.models import Instrument
from apps.portfolio.models import Account, Order, Position, Reservation
from apps.risk.models import BreakerState, RiskReview

BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
CAPS = {
    "max_order_lots": "5",
    "max_order_value": "300000",
    "max_orders_per_second": "1000000",
    "max_orders_per_minute": "60000000",
}
NOWHERE = "postgres://nobody:none@127.0.0.1:1/none"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An order as the gate sees it."""

    client_order_id: str = "a" * 24
    account: str = "paper-1"
    source: str = "agent:x"
    instrument: str = "EURUSD"
    side: str = "buy"
    quantity: Decimal = Decimal(1)
    price: Decimal | None = None
    is_entry: bool = True
    breaker_epochs: dict[str, int] = field(
        default_factory=lambda: {"desk": 1, "account:paper-1": 1, "agent:x": 1}
    )
    fence: int | None = 1
    boot_id: str = BOOT
    deadline_boottime_ns: int = field(
        default_factory=lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME) + 60_000_000_000
    )


@pytest.fixture
def gate_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "gate"
    folder.mkdir()
    write_caps(folder)
    return folder


def write_caps(folder: Path, **changes: str) -> None:
    path = folder / "caps.json"
    path.write_text(json.dumps(CAPS | changes))
    path.chmod(0o600)


def refused(gate_dir: Path, order: Asked, words: str) -> None:
    verdict = last_gate.check(dsn=NOWHERE, gate_dir=gate_dir, order=order)
    assert not verdict.passed
    assert words in verdict.reason


def test_a_gate_folder_that_is_not_there_stops_everything(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere", Asked(is_entry=False), "every order")


@pytest.mark.parametrize(
    ("said", "mode"), [("", "entries"), ("entries\n", "entries"), ("all", "all"), ("what?", "all")]
)
def test_a_kill_file_says_how_much_it_stops(gate_dir: Path, said: str, mode: str) -> None:
    (gate_dir / "KILL").write_text(said)
    assert last_gate.kill_mode(gate_dir) == mode


def test_a_kill_file_that_cannot_be_read_stops_everything(gate_dir: Path) -> None:
    (gate_dir / "KILL").mkdir()
    refused(gate_dir, Asked(), "every order")


@pytest.mark.parametrize("text", ["", "{}", json.dumps(CAPS | {"max_order_lots": "NaN"}), "[1]"])
def test_caps_that_cannot_be_read_stop_the_order(gate_dir: Path, text: str) -> None:
    (gate_dir / "caps.json").write_text(text)
    refused(gate_dir, Asked(), "")


def test_caps_that_others_may_write_are_not_believed(gate_dir: Path) -> None:
    (gate_dir / "caps.json").chmod(0o666)
    refused(gate_dir, Asked(), "others")


def test_an_order_past_its_time_to_live_is_not_sent(gate_dir: Path) -> None:
    refused(gate_dir, Asked(deadline_boottime_ns=1), "time to live")
    refused(gate_dir, Asked(boot_id="another"), "another boot")


def test_a_database_that_does_not_answer_stops_the_order(gate_dir: Path) -> None:
    verdict = last_gate.check(dsn=NOWHERE, gate_dir=gate_dir, order=Asked())
    assert (verdict.passed, verdict.may_wait) == (False, True)


@pytest.fixture
def ask(transactional_db: None, gate_dir: Path) -> Callable[..., GateVerdict]:
    """Put one approved entry of 1 lot, a long position of 2 lots and quiet breakers into the database."""
    account = Account.objects.create(slug="paper-1", currency="USD")
    Instrument.objects.create(
        name="EURUSD", base_currency="EUR", quote_currency="USD", contract_size=100_000, tick_size="0.00001",
        lot_step="0.01", lot_min="0.01", lot_max=100, margin_rate="0.05", source="test",
    )  # fmt: skip
    for scope in ("desk", "account:paper-1", "agent:x"):
        BreakerState.objects.create(scope=scope)
    Position.objects.create(account=account, instrument="EURUSD", quantity=2)
    row = Order.objects.create(
        client_order_id=Asked().client_order_id, number=1, account=account, source="agent:x", signal_key="s",
        instrument="EURUSD", side="buy", order_type="market", requested_quantity=1, quantity=1,
        status="approved", requested_at="2026-01-05T00:00:00Z",
    )  # fmt: skip
    Reservation.objects.create(order=row, quantity=1, price="1.10", margin=5500)
    connections.take_fence("test")

    def check(order: Asked) -> GateVerdict:
        return last_gate.check(dsn=dsn(), gate_dir=gate_dir, order=order)

    return check


def test_an_order_under_unmoved_breakers_passes(ask: Callable[..., GateVerdict]) -> None:
    assert ask(Asked()) == GateVerdict(passed=True)


def test_entries_stop_at_what_moved_and_exits_pass(ask: Callable[..., GateVerdict], gate_dir: Path) -> None:
    entry, exit_ = Asked(), Asked(side="sell", is_entry=False)
    BreakerState.objects.filter(scope="agent:x").update(epoch=2)
    assert "agent:x has moved" in ask(entry).reason
    assert ask(exit_).passed

    BreakerState.objects.update(level=2, epoch=1)
    assert "level 2" in ask(entry).reason
    assert ask(exit_).passed

    (gate_dir / "KILL").touch()
    assert "adds risk" in ask(entry).reason
    assert ask(exit_).passed


def test_what_calls_itself_an_exit_is_measured(ask: Callable[..., GateVerdict]) -> None:
    BreakerState.objects.update(level=3)
    too_much = Asked(side="sell", is_entry=False, quantity=Decimal("2.01"))
    wrong_side = Asked(side="buy", is_entry=False)
    assert not ask(too_much).passed
    assert not ask(wrong_side).passed


def test_a_void_fence_and_a_breaker_without_a_row_stop_the_order(ask: Callable[..., GateVerdict]) -> None:
    assert "agent:y cannot be read" in ask(replace(Asked(), source="agent:y")).reason
    assert connections.take_fence("another gateway") == 2
    assert "fence 1 is void" in ask(Asked()).reason
    assert "fence 1 is void" in ask(Asked(side="sell", is_entry=False)).reason


def test_caps_bound_lots_and_value_of_entries(ask: Callable[..., GateVerdict], gate_dir: Path) -> None:
    assert "lots" in ask(Asked(quantity=Decimal("5.01"))).reason
    assert "330000.00" in ask(Asked(quantity=Decimal(3))).reason
    write_caps(gate_dir, max_order_value="330000")
    assert ask(Asked(quantity=Decimal(3))).passed


@pytest.mark.parametrize(
    ("used", "value"),
    [
        ({"GBPUSD": {"bid": "1.24", "ask": "1.25"}}, "117300.00"),
        ({"USDGBP": {"bid": "0.80", "ask": "0.81"}}, "117300.00"),
        ({"EURUSD": {"bid": "1.09", "ask": "1.10"}}, "312800.00"),  # by margin: too large, never too small
    ],
)
def test_the_value_of_a_cross_is_converted_and_no_matter_of_its_margin(
    ask: Callable[..., GateVerdict], gate_dir: Path, used: dict[str, dict[str, str]], value: str
) -> None:
    """A lot at 0.92 pounds and two collars; a regulator asks for more margin than the venue's 5 %."""
    Instrument.objects.filter(name="EURUSD").update(quote_currency="GBP")
    Reservation.objects.update(price="0.9384", margin="15640")
    review = RiskReview.objects.create(
        account="paper-1", source="agent:x", instrument="EURUSD", verdict="approved", request={}, reasons=[],
        quotes={"used": used}, elapsed_ms=1,
    )  # fmt: skip
    Order.objects.update(review_id=review.pk)
    write_caps(gate_dir, max_order_value="1000")
    assert f"a value of {value} exceeds" in ask(Asked()).reason


def test_an_instrument_that_is_no_pair_is_worth_its_price(
    ask: Callable[..., GateVerdict], gate_dir: Path
) -> None:
    """A share's base and quote currency are both that of its price."""
    Instrument.objects.filter(name="EURUSD").update(base_currency="USD", contract_size=100)
    Reservation.objects.update(price="500", margin="2500")
    write_caps(gate_dir, max_order_value="1000")
    assert "a value of 50000.00 exceeds" in ask(Asked()).reason


def test_a_change_is_valued_by_the_quotes_that_it_was_judged_by(
    ask: Callable[..., GateVerdict], gate_dir: Path
) -> None:
    Instrument.objects.filter(name="EURUSD").update(quote_currency="GBP")
    reviews = [
        RiskReview.objects.create(
            account="paper-1", source="agent:x", instrument="EURUSD", verdict="approved", request={},
            quotes={"used": {"GBPUSD": {"bid": rate, "ask": rate}}}, elapsed_ms=1,
        )
        for rate in ("1", "2")
    ]  # fmt: skip
    change = {"review": reviews[1].pk, "quantity": "1", "price": None, "stop_loss": None, "take_profit": None}
    Order.objects.update(review_id=reviews[0].pk, status="sending", owner="test", fence=1)
    Order.objects.update(status="accepted")
    Order.objects.update(status="replace_pending", amendment=change, revision=1)
    write_caps(gate_dir, max_order_value="1000")
    assert "a value of 220000.00 exceeds" in ask(Asked()).reason


def test_the_rate_is_counted_from_an_empty_bucket(ask: Callable[..., GateVerdict], gate_dir: Path) -> None:
    write_caps(gate_dir, max_orders_per_second="0.001")
    verdict = ask(Asked())
    assert (verdict.passed, verdict.may_wait) == (False, True)
    assert "rate" in verdict.reason
