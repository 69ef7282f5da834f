"""Faults on demand, at the terminal that shows them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from mcp.server.mcpserver.exceptions import ToolError

from apps.brokers.simulators.market.faults import KINDS, Fault
from apps.brokers.simulators.mt5.sending import check, send
from apps.brokers.simulators.mt5.terminal import Terminal
from tests.brokers.simulators.stage import LOGIN, account, log, scripted

CALM = {"EURUSD": [(0, "1.10000", "1.10010")]}
BUY: dict[str, Any] = {"action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0, "magic": 5}


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(scripted(tmp_path, CALM), LOGIN, zone="NY+7", history_by_date=True)
    assert made.initialize()
    assert made.login(LOGIN)
    return made


@pytest.mark.parametrize(("kind", "retcode"), [("requote", 10004), ("no_money", 10019)])
async def test_a_refusal_on_demand_is_used_up(terminal: Terminal, kind: str, retcode: int) -> None:
    terminal.venue.arm(Fault(kind=kind, count=1))
    with pytest.raises(ToolError, match=f"'retcode': {retcode}"):
        await send(terminal, BUY)
    assert (await send(terminal, BUY))["retcode"] == 10009


async def test_a_hidden_order_appears_later_and_is_filled(terminal: Terminal) -> None:
    terminal.venue.arm(Fault(kind="hide_order", seconds=0.01))
    with pytest.raises(ToolError, match="-10005"):
        await send(terminal, BUY)
    assert not account(terminal.venue).positions
    await asyncio.gather(*terminal.late)
    assert len(account(terminal.venue).positions) == 1


async def test_a_disconnected_terminal_fails_and_its_lists_are_empty(terminal: Terminal) -> None:
    await send(terminal, BUY)
    terminal.venue.arm(Fault(kind="disconnect", seconds=3600))
    assert terminal.positions(lambda _: True) == []
    for ask in (terminal.account_info, terminal.terminal_info):
        with pytest.raises(ToolError, match="-10004"):
            ask()
    with pytest.raises(ToolError, match="-10004"):
        await send(terminal, BUY)
    terminal.venue.arm(Fault(kind="disconnect", seconds=0))
    assert len(terminal.positions(lambda _: True)) == 1


async def test_history_can_come_twice(terminal: Terminal) -> None:
    result = await send(terminal, BUY)
    terminal.venue.arm(Fault(kind="duplicate"))
    twice, once = (terminal.deals(lambda d: d.order == result["order"], (None, None)) for _ in range(2))
    assert (len(twice), len(once)) == (2, 1)


async def test_a_late_answer_is_that_of_an_order_already_on_disk(terminal: Terminal) -> None:
    terminal.venue.arm(Fault(kind="delay", seconds=30))
    waiting = asyncio.create_task(send(terminal, BUY))
    await asyncio.sleep(0)  # its first step: the order is carried out before anything is awaited
    assert log(terminal.venue, "deal")
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(account(terminal.venue).positions) == 1


def test_order_check_tells_margin_and_refusal(terminal: Terminal) -> None:
    answer = check(terminal, BUY)
    assert (answer["retcode"], answer["margin"]) == (0, 366.7)
    assert check(terminal, BUY | {"volume": 50.0})["retcode"] == 10019


@pytest.mark.parametrize("volume", [float("nan"), float("inf")])
async def test_what_is_no_number_gives_no_result(terminal: Terminal, volume: float) -> None:
    with pytest.raises(ToolError, match="-2: Invalid argument"):
        await send(terminal, BUY | {"volume": volume})


def test_an_unknown_fault_is_refused(terminal: Terminal) -> None:
    with pytest.raises(ValueError, match="known are"):
        terminal.venue.arm(Fault(kind="fire"))
    assert "drop_reply" in KINDS
