"""The venue through its real front: an MCP client, a process of its own, kill -9."""

import asyncio
import json
import signal
import subprocess
import sys
import urllib.error
from pathlib import Path
from typing import Any

import pytest

from tests.brokers.simulators.conftest import Call, Refused, terminal
from tests.brokers.venue_process import VenueProcess

ROOT = Path(__file__).parents[3]
BUY = {"action": 1, "symbol": "EURUSD", "volume": 0.5, "type": 0, "magic": 2**62 + 3, "comment": "abc"}
PENDING = {
    "action": 5,
    "symbol": "EURUSD",
    "volume": 0.1,
    "type": 2,
    "price": 1.0,
    "magic": 5,
    "type_filling": 2,
}


async def books(call: Call) -> dict[str, Any]:
    """What a client can see and no clock changes."""
    positions = await call("positions_get")
    return {
        "positions": [
            {k: p[k] for k in ("ticket", "volume", "price_open", "magic", "time_msc")} for p in positions
        ],
        "orders": [{k: v for k, v in o.items() if k != "price_current"} for o in await call("orders_get")],
        "deals": await call("history_deals_get", from_date="2026-01-01T00:00:00Z"),
        "balance": (await call("get_account_info"))["balance"],
    }


async def test_an_order_its_position_and_its_deal(process: VenueProcess) -> None:
    process.start()
    async with terminal(process, "EURUSD") as call:
        result = await call("order_send", request=BUY)
        (position,) = await call("positions_get", symbol="EURUSD")
        (deal,) = await call("history_deals_get", ticket=result["order"])
    assert (result["retcode"], result["volume"]) == (10009, 0.5)
    assert (position["ticket"], position["magic"], position["comment"]) == (result["order"], 2**62 + 3, "abc")
    assert (deal["ticket"], deal["price"], deal["entry"]) == (result["deal"], result["price"], 0)
    assert [row["deal"] for row in process.log("deal")] == [result["deal"]]


async def test_killed_and_started_again_it_holds_the_same_books(process: VenueProcess) -> None:
    process.start()
    async with terminal(process, "EURUSD") as call:
        for request in (BUY, PENDING, BUY | {"type": 1, "volume": 0.2}):
            await call("order_send", request=request)
        before = await books(call)
    process.kill()
    with process.log_path.open("ab") as log:
        log.write(b'{"seq":99,"kind":"deal","torn')
    process.start()
    async with terminal(process, "EURUSD") as call:
        assert await books(call) == before
    numbers = [json.loads(line)["seq"] for line in process.log_path.read_text().splitlines()]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_refusal_names_its_retcode(shared: VenueProcess) -> None:
    async with terminal(shared, "EURUSD") as call:
        with pytest.raises(
            Refused, match=r"(?s)Order execution failed: No money\nRequest: .*'retcode': 10019"
        ):
            await call("order_send", request=BUY | {"volume": 99.0})


async def test_tools_want_initialize_login_and_a_selected_symbol(shared: VenueProcess) -> None:
    async with terminal(shared) as call:
        with pytest.raises(Refused, match="GBPUSD"):
            await call("get_symbol_info_tick", symbol="GBPUSD")
        await call("shutdown")
        with pytest.raises(Refused, match="-10004"):
            await call("get_account_info")
        assert await call("positions_get") == []


async def test_a_lost_answer_was_an_order_all_the_same(process: VenueProcess) -> None:
    process.start()
    process.control("fault", kind="drop_reply", seconds=0.05)
    async with terminal(process, "EURUSD") as call:
        with pytest.raises(Refused, match="-10005"):
            await call("order_send", request=BUY)
        (position,) = await call("positions_get")
    assert position["magic"] == BUY["magic"]
    assert process.log("fault")[-1]["fault"] == "drop_reply"


async def test_a_lost_order_was_none(shared: VenueProcess) -> None:
    shared.control("fault", kind="lost_order", seconds=0.05)
    async with terminal(shared, "EURUSD") as call:
        with pytest.raises(Refused, match="-10005"):
            await call("order_send", request=BUY)
        assert await call("positions_get") == []


async def test_two_clients_at_once_see_one_account(process: VenueProcess) -> None:
    process.start()
    async with terminal(process, "EURUSD") as one, terminal(process, "EURUSD") as two:
        await asyncio.gather(*(c("order_send", request=BUY | {"volume": 0.01}) for c in (one, two) * 5))
        (position,) = await one("positions_get")
        assert position["volume"] == 0.1
        assert len(await two("history_deals_get", position=position["ticket"])) == 10


async def test_each_account_has_a_terminal_of_its_own(process: VenueProcess) -> None:
    accounts = [{"login": 1, "deposit": "5000"}, {"login": 2, "margin_mode": "hedging", "deposit": "7000"}]
    process.start("--accounts", json.dumps(accounts))
    async with terminal(process, "EURUSD", login=2) as call:
        info = await call("get_account_info")
        assert (info["login"], info["balance"], info["margin_mode"]) == (2, 7000.0, 2)
        assert await call("login", login=1) is False


async def test_history_by_date_can_be_switched_off_as_on_the_real_server(process: VenueProcess) -> None:
    process.start("--no-history-by-date")
    async with terminal(process, "EURUSD") as call:
        result = await call("order_send", request=BUY)
        assert await call("history_deals_get", from_date="2026-01-01T00:00:00Z") == []
        assert len(await call("history_deals_get", position=result["order"])) == 1
        assert (await call("get_terminal_info"))["history_by_date"] is False


async def test_bars_carry_server_time_and_the_quotes_they_are_made_of(shared: VenueProcess) -> None:
    async with terminal(shared, "EURUSD") as call:
        minutes = await call(
            "copy_rates_range",
            symbol="EURUSD",
            timeframe=1,
            date_from="2026-01-02T10:00:00Z",
            date_to="2026-01-02T10:59:00Z",
        )
        (hour,) = await call(
            "copy_rates_from_date", symbol="EURUSD", timeframe=60, date_from="2026-01-02T10:00:00Z", count=1
        )
        ticks = await call(
            "copy_ticks_range",
            symbol="EURUSD",
            date_from="2026-01-02T10:00:00Z",
            date_to="2026-01-02T10:59:59Z",
        )
    assert (len(minutes), minutes[0]["time"]) == (60, "2026-01-02T10:00:00Z")
    assert (hour["high"], hour["low"]) == (max(t["bid"] for t in ticks), min(t["bid"] for t in ticks))
    assert (hour["open"], hour["close"]) == (minutes[0]["open"], minutes[-1]["close"])


async def test_shock_and_clock_need_the_token_and_are_felt_at_once(shared: VenueProcess) -> None:
    with pytest.raises(urllib.error.HTTPError, match="401"):
        shared.control("shock", token="wrong", EURUSD="-3%")
    async with terminal(shared, "EURUSD") as call:
        before = await call("get_symbol_info_tick", symbol="EURUSD")
        shared.control("shock", EURUSD="-3%")
        after = await call("get_symbol_info_tick", symbol="EURUSD")
    assert after["bid"] / before["bid"] == pytest.approx(0.97, abs=0.002)
    assert shared.control("clock", advance_s=3600)["desk_at"] >= "2026-01-05T01:00:00"
    with pytest.raises(urllib.error.HTTPError, match="400"):
        shared.control("clock", set="2026-01-01T00:00:00+00:00")


def test_a_clean_stop_keeps_the_desk_time(process: VenueProcess) -> None:
    process.start()
    process.control("clock", advance_s=1000)
    assert process.kill(signal.SIGTERM) == 0
    last = process.log("clock")[-1]
    assert last["why"] == "stop"
    process.start("--reanchor")
    assert json.loads(process.clock_file.read_text())["desk_at"] >= last["desk_at"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--start", "2026-01-06T00:00:00Z"], "not a Monday"),
        (["--accounts", "{broken"], "cannot start"),
        (["--token-file", "/nowhere/token"], "cannot start"),
    ],
)
def test_what_cannot_start_says_why_in_one_line(tmp_path: Path, options: list[str], says: str) -> None:
    (tmp_path / "token").write_text("secret")
    base = [
        "--home",
        str(tmp_path),
        "--port",
        "0",
        "--control-port",
        "0",
        "--token-file",
        str(tmp_path / "token"),
    ]
    command = [sys.executable, "-m", "apps.brokers.simulators.mt5_mcp", *base, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
