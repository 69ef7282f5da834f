"""The venue's log against the ledger: what agrees is silent, each difference is a line."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from apps.brokers import connections
from apps.brokers.verification import LogUnreadableError, compare
from apps.brokers.verification.comparing import Comparison, LedgerSide, VenueSide
from apps.brokers.verification.venue_log import fold
from apps.portfolio import ledger
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from apps.portfolio.domain.report import CashMovement
from apps.portfolio.domain.views import CashFlowView, FillView, OrderView

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
LOGIN = 100_001
ACCOUNT = {
    "kind": "account", "account": LOGIN, "currency": "USD", "deposit": "1000.00", "deal": 1,
    "cash_after": "1000.00",
}  # fmt: skip
ORDER = {
    "kind": "order", "account": LOGIN, "symbol": "EURUSD", "side": "buy", "type": 0, "volume": "0.10",
    "order": 2,
    "client_id": 77, "reason": "expert", "more": True,
}  # fmt: skip
DEAL = {
    "kind": "deal", "account": LOGIN, "symbol": "EURUSD", "side": "buy", "volume": "0.10", "price": "1.10000",
    "order": 2, "deal": 3, "position": 2, "client_id": 77, "reason": "expert", "commission": "-0.35",
    "swap": "0.00", "profit": "0.00", "fee": "0.00", "cash_after": "999.65", "after": {"volume": "0.10"},
    "more": True,
}  # fmt: skip
ENDED = {"kind": "order_end", "account": LOGIN, "order": 2, "state": "filled", "filled": "0.10"}
LINES = [ACCOUNT, ORDER, DEAL, ENDED]


def write(path: Path, lines: list[dict[str, Any]]) -> Path:
    stamped = [{"seq": n, "desk_at": "2026-01-05T10:00:00.000000Z"} | line for n, line in enumerate(lines, 1)]
    path.write_text("".join(json.dumps(line) + "\n" for line in stamped))
    return path


def order(**changes: Any) -> OrderView:
    plain = OrderView(
        client_order_id="a" * 24, number=77, account="paper-1", source="agent:x", signal_key="s", leg=0,
        review_id=1, instrument="EURUSD", side=Side.BUY, order_type=OrderType.MARKET,
        requested_quantity=Decimal("0.10"), quantity=Decimal("0.10"), filled=Decimal("0.10"),
        average_price=None, price=None, stop_loss=None, take_profit=None, reduce_only=False, is_entry=True,
        ticket="", status=OrderStatus.FILLED, reasons=(), venue_order_id="2", late_fill=False, overfill=False,
        breaker_epochs={}, owner="", fence=None, boot_id="", deadline_boottime_ns=0, lease_boot_id="",
        lease_boottime_ns=0, requested_at=NOW, sent_at=NOW, unknown_at=None, created_at=NOW,
    )  # fmt: skip
    return replace(plain, **changes)


def fill(**changes: Any) -> FillView:
    plain = FillView(
        client_order_id="a" * 24, execution_id="3", venue_order_id="2", instrument="EURUSD", side=Side.BUY,
        quantity=Decimal("0.10"), price=Decimal("1.1"), cash_change=Decimal("-0.35"), profit=Decimal(0),
        commission=Decimal("-0.35"), swap=Decimal(0), fee=Decimal(0), reason="order",
        shares={"agent:x": Decimal("0.10")}, executed_at=NOW,
    )  # fmt: skip
    return replace(plain, **changes)


def sides(path: Path, lines: list[dict[str, Any]] = LINES, **ledger_changes: Any) -> Comparison:
    books = fold(write(path / "log.jsonl", lines))
    account = books.accounts[LOGIN]
    desk = LedgerSide(
        account="paper-1",
        cash=Decimal("999.65"),
        orders=[order()],
        fills=[fill()],
        flows=[CashFlowView(movement_id="1", amount=Decimal(1000), kind="balance", moved_at=NOW)],
        rows={("", "EURUSD"): Decimal("0.10"), ("agent:x", "EURUSD"): Decimal("0.10")},
    )
    return Comparison(
        venue=VenueSide(cut=account, now=account, last_id=books.last_id, instrument_of={"EURUSD": "EURUSD"}),
        ledger=replace(desk, **ledger_changes),
        now=NOW + timedelta(seconds=59),
        quiet=timedelta(seconds=60),
    )


def test_equal_books_are_silent(tmp_path: Path) -> None:
    assert list(sides(tmp_path).differences()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"orders": []}, "venue order 2 (number 77) is not in the ledger"),
        ({"orders": [order(status=OrderStatus.ABSENT)]}, "filled at the venue, absent in the ledger"),
        (
            {"orders": [order(), order(client_order_id="b", number=8, venue_order_id="1")]},
            "not at the venue as 1",
        ),
        ({"orders": [order(quantity=Decimal("0.20"))]}, "buy 0.10 EURUSD at the venue, buy 0.2"),
        ({"fills": []}, "deal 3 (buy 0.10 EURUSD) is not booked"),
        ({"fills": [fill(), fill(execution_id="2")]}, "fill 2 is booked, the venue has no such deal"),
        ({"fills": [fill(price=Decimal("1.10001"))]}, "price is 1.10000 at the venue, 1.10001"),
        ({"fills": [fill(commission=Decimal("-0.34"))]}, "commission is -0.35 at the venue, -0.34"),
        ({"flows": []}, "deposit 1 of 1000.00 is missing"),
        ({"cash": Decimal("999.66")}, "not the sum of its movements"),
        ({"rows": {("", "EURUSD"): Decimal("0.10")}}, "position row agent:x EURUSD is 0.1 by the fills, 0"),
    ],
)
def test_each_difference_is_named(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    assert any(words in line for line in sides(tmp_path, **changes).differences())


def test_an_order_twice_at_the_venue_is_a_difference(tmp_path: Path) -> None:
    again = [line | {"order": 5} if "order" in line else line for line in (ORDER, DEAL | {"deal": 6}, ENDED)]
    assert any("at the venue 2 times" in line for line in sides(tmp_path, [*LINES, *again]).differences())


def test_a_doubt_is_apart_in_its_quiet_period_and_a_difference_after_it(tmp_path: Path) -> None:
    doubtful = order(status=OrderStatus.UNKNOWN, venue_order_id="", filled=Decimal(0), unknown_at=NOW)
    empty: dict[str, Any] = {"orders": [doubtful], "fills": [], "rows": {}, "cash": Decimal(1000)}
    young = sides(tmp_path, **empty)
    assert list(young.differences()) == []
    assert list(young.doubts()) == [77]
    old = replace(young, now=NOW + timedelta(seconds=61))
    assert any("unknown after the quiet period, and the venue has it" in line for line in old.differences())


def test_what_the_desk_booked_after_the_cut_is_not_compared(tmp_path: Path) -> None:
    later = fill(execution_id="9", venue_order_id="8", shares={})
    found = sides(
        tmp_path,
        fills=[fill(), later],
        cash=Decimal("999.30"),
        rows={("", "EURUSD"): Decimal("0.20"), ("agent:x", "EURUSD"): Decimal("0.10")},
        orders=[order(), order(client_order_id="b", number=8, venue_order_id="8")],
    )
    assert [line for line in found.differences() if "not at the venue" not in line] == []


@pytest.mark.parametrize("tail", ['{"seq":5,"ki', '{"seq":5,"desk_at":"x","kind":"clock","more":true}\n'])
def test_the_cut_is_the_last_complete_batch(tmp_path: Path, tail: str) -> None:
    path = write(tmp_path / "log.jsonl", LINES)
    path.write_text(path.read_text() + tail)
    assert fold(path).seq == 4


@pytest.mark.parametrize("text", ["", "{\n" + json.dumps(ACCOUNT | {"seq": 2}) + "\n"])
def test_a_damaged_log_is_no_judge(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(text)
    with pytest.raises(LogUnreadableError):
        fold(path)


def test_the_command_compares_rows_and_exits_by_the_result(
    transactional_db: None, valkey: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger.open_account(slug="paper-1", currency="USD", login=str(LOGIN), leverage=Decimal(30))
    connections.seed_paper_connection(account_slug="paper-1", url="http://127.0.0.1:1/mcp", login=LOGIN)
    deposit = CashMovement(movement_id="1", amount=Decimal(1000), moved_at=NOW)
    ledger.book_external(account="paper-1", cash=(deposit,))
    log = write(tmp_path / "log.jsonl", [ACCOUNT])
    call_command("verify", log=log, wait=0)
    assert "all equal" in capsys.readouterr().out

    log = write(log, LINES)
    with pytest.raises(SystemExit, match="1"):
        call_command("verify", log=log, wait=0)
    assert "deal 3 (buy 0.10 EURUSD) is not booked" in capsys.readouterr().out
    assert not compare(log_path=log, wait_s=0).agrees
