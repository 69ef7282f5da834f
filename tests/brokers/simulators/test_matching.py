"""Orders, deals and positions at written-down prices."""

from decimal import Decimal
from pathlib import Path

import pytest

from apps.brokers.simulators.market.faults import Fault
from tests.brokers.simulators.stage import account, go, log, pend, scripted, trade

CALM = {"EURUSD": [(0, "1.10000", "1.10010"), (600, "1.10100", "1.10110"), (1200, "1.09900", "1.09910")]}


def test_a_buy_fills_at_the_ask_and_pays_commission(tmp_path: Path) -> None:
    venue = scripted(tmp_path, CALM)
    result = trade(venue, "EURUSD", 0.5, magic=77, comment="first")
    assert (result.retcode, result.price, result.volume) == (10009, Decimal("1.10010"), Decimal("0.5"))
    assert account(venue).cash == Decimal("99998.25")
    assert account(venue).positions[result.order].volume == Decimal("0.5")


def test_netting_reduces_then_reverses_one_position_that_keeps_its_ticket(tmp_path: Path) -> None:
    venue = scripted(tmp_path, CALM)
    first = trade(venue, "EURUSD", 1.0)
    go(venue, 600)
    trade(venue, "EURUSD", -0.4)
    trade(venue, "EURUSD", -1.0)
    (position,) = account(venue).positions.values()
    assert (position.ticket, position.volume, position.price) == (
        first.order,
        Decimal("-0.4"),
        Decimal("1.10100"),
    )
    assert [deal.entry for deal in account(venue).deals[1:]] == ["in", "out", "inout"]
    assert [deal.profit for deal in account(venue).deals[1:]] == [
        Decimal("0.00"),
        Decimal("36.00"),
        Decimal("54.00"),
    ]


def test_adding_averages_the_price(tmp_path: Path) -> None:
    venue = scripted(tmp_path, CALM)
    trade(venue, "EURUSD", 1.0)
    go(venue, 600)
    trade(venue, "EURUSD", 3.0)
    assert account(venue).net("EURUSD").price == Decimal("1.10085")  # type: ignore[union-attr]


def test_hedging_holds_both_sides_and_closes_by_ticket(tmp_path: Path) -> None:
    venue = scripted(tmp_path, CALM, margin_mode="hedging")
    long, short = trade(venue, "EURUSD", 0.3), trade(venue, "EURUSD", -0.2)
    assert sorted(account(venue).positions) == [long.order, short.order]
    trade(venue, "EURUSD", -0.1, position=long.order)
    assert account(venue).positions[long.order].volume == Decimal("0.2")
    assert trade(venue, "EURUSD", -0.3, position=long.order).retcode == 10038
    assert trade(venue, "EURUSD", -0.3, position=999_999).retcode == 10036


@pytest.mark.parametrize(
    ("lots", "rest", "retcode"),
    [
        (0.015, {}, 10014),
        (101, {}, 10014),
        (40, {}, 10019),
        (0.1, {"type_filling": 2}, 10030),
        (0.1, {"sl": 1.1}, 10016),
        (0.1, {"tp": 1.05}, 10016),
        (0.1, {"comment": "x" * 32}, 10013),
        (0.1, {"magic": 2**63}, 10013),
    ],
)
def test_refusals_carry_their_retcode_and_leave_a_line(
    tmp_path: Path, lots: float, rest: dict[str, object], retcode: int
) -> None:
    venue = scripted(tmp_path, CALM)
    assert trade(venue, "EURUSD", lots, **rest).retcode == retcode
    assert [row["retcode"] for row in log(venue, "reject")] == [retcode]
    assert not account(venue).positions


def test_a_reduction_passes_without_free_margin(tmp_path: Path) -> None:
    script = {"EURUSD": [(0, "1.10000", "1.10010"), (60, "1.08000", "1.08010")]}
    venue = scripted(tmp_path, script, deposit=Decimal(4000))
    assert trade(venue, "EURUSD", 1.0).retcode == 10009
    go(venue, 60)
    assert trade(venue, "EURUSD", 0.1).retcode == 10019
    assert trade(venue, "EURUSD", -0.5).retcode == 10009


@pytest.mark.parametrize(
    ("kind", "price", "filled"),
    [(2, "1.09950", "1.09910"), (5, "1.09950", "1.09900"), (3, "1.10050", "1.10100")],
)
def test_a_pending_order_fills_at_the_quote_that_reaches_it(
    tmp_path: Path, kind: int, price: str, filled: str
) -> None:
    venue = scripted(tmp_path, CALM)
    placed = pend(venue, "EURUSD", kind, 0.2, price, magic=9)
    assert placed.retcode == 10008
    go(venue, 1200)
    (deal,) = account(venue).deals[1:]
    assert (deal.order, deal.price, deal.magic) == (placed.order, Decimal(filled), 9)
    assert account(venue).ended[placed.order].state == 4


def test_a_stop_is_filled_at_the_gap_price_not_at_its_level(tmp_path: Path) -> None:
    script = {"EURUSD": [(0, "1.10000", "1.10010"), (3600, "1.07000", "1.07010")]}
    venue = scripted(tmp_path, script, closed=(600, 3600))
    trade(venue, "EURUSD", 1.0, sl=1.09)
    go(venue, 3600)
    deal = account(venue).deals[-1]
    assert (deal.reason, deal.price, deal.profit) == ("sl", Decimal("1.07000"), Decimal("-3010.00"))
    assert not account(venue).positions


def test_take_profit_closes(tmp_path: Path) -> None:
    venue = scripted(tmp_path, CALM)
    trade(venue, "EURUSD", 1.0, tp=1.1009)
    go(venue, 700)
    assert (account(venue).deals[-1].reason, account(venue).deals[-1].profit) == ("tp", Decimal("90.00"))


def test_stop_out_closes_the_largest_loss_first(tmp_path: Path) -> None:
    script = {
        "EURUSD": [(0, "1.10000", "1.10010"), (60, "1.08000", "1.08010"), (120, "1.07900", "1.07910")],
        "GBPUSD": [(0, "1.30000", "1.30010"), (60, "1.29900", "1.29910"), (120, "1.29900", "1.29910")],
    }
    venue = scripted(tmp_path, script, deposit=Decimal(6000))
    trade(venue, "EURUSD", 1.0)
    trade(venue, "GBPUSD", 0.3)
    trade(venue, "EURUSD", 0.2)
    go(venue, 60)
    assert not log(venue, "stopout")
    go(venue, 120)
    venue.shock({"EURUSD": 0.97})
    (line,) = log(venue, "stopout")
    assert line["symbol"] == "EURUSD"
    assert account(venue).deals[-1].reason == "so"
    assert account(venue).net("GBPUSD") is not None


def test_an_order_in_part_fills_part_and_cancels_the_rest(tmp_path: Path) -> None:
    venue = scripted(tmp_path, CALM)
    venue.arm(Fault(kind="partial_fill", fraction=0.5))
    result = trade(venue, "EURUSD", 0.25)
    assert (result.retcode, result.volume) == (10010, Decimal("0.12"))
    assert (
        log(venue, "order_end")[-1] | {"state": "cancelled", "filled": "0.12"} == log(venue, "order_end")[-1]
    )


def test_profit_in_yen_becomes_dollars_at_the_venues_own_quote(tmp_path: Path) -> None:
    script = {"USDJPY": [(0, "150.000", "150.010"), (60, "150.510", "150.520")]}
    venue = scripted(tmp_path, script)
    trade(venue, "USDJPY", 1.0)
    go(venue, 60)
    trade(venue, "USDJPY", -1.0)
    assert account(venue).deals[-1].profit == (Decimal(50_000) / Decimal("150.520")).quantize(Decimal("0.01"))


def test_a_day_order_expires_at_the_end_of_its_day(tmp_path: Path) -> None:
    script = {"EURUSD": [(0, "1.10000", "1.10010"), (80_000, "1.10000", "1.10010")]}
    venue = scripted(tmp_path, script)
    placed = pend(venue, "EURUSD", 2, 0.1, "1.05000", type_time=1)
    go(venue, 80_000)
    assert account(venue).ended[placed.order].state == 6
