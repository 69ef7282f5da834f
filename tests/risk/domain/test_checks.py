from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.portfolio.domain.order import OrderRequest, OrderType, Side
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.checks import Applies, At, Check, Context, Finding, run
from apps.risk.domain.intent import classify
from apps.risk.domain.limits import Metric, RiskLimits, Unit
from tests.risk.cast import (
    EURUSD,
    NOW,
    QUOTES,
    WIDE,
    book,
    breaches,
    context,
    limit,
    opened,
    quote,
    reasons,
    request,
)

ACCOUNT, SOURCE = "account:paper-1", "source:*"
EXIT: dict[str, Any] = {"side": Side.SELL, "reduce_only": True}


def test_an_ordinary_entry_passes_every_check() -> None:
    assert breaches(request()) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"quantity": Decimal(0)}, "bad_quantity"),
        ({"quantity": Decimal(-1)}, "bad_quantity"),
        ({"quantity": Decimal("NaN")}, "bad_quantity"),
        ({"quantity": Decimal("0.015")}, "lot_step"),
        ({"quantity": Decimal("0.001")}, "lot_min"),
        ({"quantity": Decimal(51)}, "lot_max"),
        ({"price": Decimal("1.25")}, "bad_price"),
        ({"order_type": OrderType.LIMIT}, "bad_price"),
        ({"order_type": OrderType.LIMIT, "price": Decimal("-1.25")}, "bad_price"),
        ({"order_type": OrderType.LIMIT, "price": Decimal("1.250001")}, "tick_size"),
        ({"order_type": OrderType.LIMIT, "price": Decimal("1.20")}, "price_band"),
        ({"order_type": OrderType.STOP, "price": Decimal("1.30")}, "price_band"),
        ({"stop_loss": Decimal("1.26")}, "bad_protection"),
        ({"take_profit": Decimal("1.24")}, "bad_protection"),
        ({"account": "paper-2"}, "other_account"),
    ],
)
def test_a_malformed_order_is_denied_by_name(changes: dict[str, Any], reason: str) -> None:
    assert reason in reasons(request(**changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_open": False}, "market_closed"),
        ({"minutes_to_close": 4.9}, "near_close"),
        ({"quotes": {}}, "no_quote"),
        ({"quotes": {"EURUSD": quote("EURUSD", "1.24", "1.25", NOW - timedelta(seconds=16))}}, "stale_quote"),
        ({"quotes": {"EURUSD": quote("EURUSD", "1.24", "1.25", NOW + timedelta(seconds=3))}}, "stale_quote"),
        ({"quotes": {"EURUSD": quote("EURUSD", "1.26", "1.25")}}, "bad_market"),
        ({"quotes": {"EURUSD": quote("EURUSD", "0", "1.25")}}, "bad_market"),
        ({"levels": {At.DESK: BreakerLevel.REDUCING}}, "breaker_reducing"),
        ({"levels": {At.ACCOUNT: BreakerLevel.HALTED}}, "breaker_halted"),
        ({"levels": {At.SOURCE: BreakerLevel.REDUCING}}, "breaker_reducing"),
    ],
)
def test_the_moment_stops_entries_and_never_an_exit(changes: dict[str, Any], reason: str) -> None:
    assert reason in reasons(request(), **changes)
    assert reasons(request(**EXIT), book("1"), **changes) == set()


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (book("1", enabled=False), "account_disabled"),
        (book("1", entries_blocked="position differs"), "entries_blocked"),
        (book("1", orders=[opened(Side.BUY, "1", in_doubt=True)]), "doubt"),
    ],
)
def test_a_troubled_account_takes_exits_only(held: Any, reason: str) -> None:
    assert reason in reasons(request(), held)
    assert reasons(request(**EXIT), held) == set()


@pytest.mark.parametrize(
    ("row", "reason", "value"),
    [
        (limit(ACCOUNT, Metric.ORDER_SIZE, "0.99", Unit.LOTS), "order_size", "1"),
        (limit("desk", Metric.ORDER_SIZE, "0.99", Unit.LOTS), "order_size", "1"),
        (limit(SOURCE, Metric.ORDER_VALUE, "128750"), "order_value", "128751.03"),  # 1.25001 and 3 x 1 %
        (limit(ACCOUNT, Metric.ORDER_EQUITY, "1.2", Unit.EQUITY), "max_order_equity", "128751.03"),
        (limit(ACCOUNT, Metric.POSITION, "2.99", Unit.LOTS), "position", "3"),
        (limit(ACCOUNT, Metric.GROSS, "378750"), "gross", "378751.03"),
        (limit(ACCOUNT, Metric.NET, "378750"), "net", "378751.03"),
        (limit("source:agent:*", Metric.OPEN_ORDERS, "0.5", Unit.COUNT), "open_orders", "1"),
    ],
)
def test_each_limit_names_its_figure(row: Any, reason: str, value: str) -> None:
    found = next(breach for breach in breaches(request(), book("2"), row) if breach.reason == reason)
    assert found.value is not None
    assert found.value.quantize(Decimal("0.01")) == Decimal(value)
    assert found.limit == (row.hard if row.unit is not Unit.EQUITY else row.hard * 99_998)


def test_equal_to_a_limit_passes() -> None:
    assert reasons(request(), None, limit(ACCOUNT, Metric.ORDER_SIZE, "1", Unit.LOTS)) == set()


def test_free_margin_counts_the_worst_price_and_the_margin_with_the_order() -> None:
    # 100,000 - loss to 1.2875103 (3,751.03) - commission of 3.50 - 4 % of 128,751.03
    assert reasons(request(), None, limit(ACCOUNT, Metric.FREE_MARGIN, "91095.4288")) == set()
    assert "min_free_margin" in reasons(request(), None, limit(ACCOUNT, Metric.FREE_MARGIN, "91095.4289"))


def test_open_orders_hold_their_room() -> None:
    held = book("0", orders=[opened(Side.BUY, "2")])
    assert "position" in reasons(request(), held, limit(ACCOUNT, Metric.POSITION, "2.5", Unit.LOTS))


def test_the_tightest_of_several_rows_is_named() -> None:
    rows = [limit(ACCOUNT, Metric.ORDER_SIZE, hard, Unit.LOTS) for hard in ("0.5", "0.2", "0.9")]
    found = next(b for b in breaches(request(), None, *rows) if b.check == "order_size_account")
    assert found.limit == Decimal("0.2")


def test_a_limit_of_an_instrument_judges_that_instrument_alone() -> None:
    row = limit(ACCOUNT, Metric.GROSS, "100", instrument="USDJPY")
    assert reasons(request(), None, row) == set()
    assert "gross" in reasons(request(instrument="USDJPY"), None, row)


def test_a_missing_limit_denies() -> None:
    few = RiskLimits(tuple(row for row in WIDE if row.metric is not Metric.GROSS))
    assert reasons(request(), limits=few) == {"no_limit"}


def test_foreign_money_without_a_rate_denies() -> None:
    quotes = QUOTES | {"EURGBP": quote("EURGBP", "0.86", "0.8601")}
    assert "no_rate" in reasons(request(instrument="EURGBP"), quotes=quotes)


def test_yen_are_counted_in_dollars() -> None:
    asked = request(instrument="USDJPY")
    found = breaches(asked, None, limit(ACCOUNT, Metric.ORDER_VALUE, "100"))
    assert found[0].value is not None
    assert Decimal(102_900) < found[0].value < Decimal(103_100)  # 100,000 USD and the collar of 3 %


def test_a_position_without_a_mark_denies_entries() -> None:
    held = book("1")
    assert "no_mark" in reasons(request(instrument="USDJPY"), held, quotes={"USDJPY": QUOTES["USDJPY"]})


def test_every_reason_is_listed() -> None:
    asked = request(quantity=Decimal("60.005"))
    found = reasons(asked, book("0", enabled=False), is_open=False)
    assert {"lot_step", "lot_max", "account_disabled", "market_closed"} <= found


@pytest.mark.parametrize(
    ("asked", "held", "passes"),
    [
        (request(**EXIT), book("1"), True),
        (request(**EXIT), book("0.5"), False),
        (request(**EXIT), book("0"), False),
        (request(**EXIT), book("-1"), False),
        (request(**EXIT), book("1", orders=[opened(Side.SELL, "0.5", reduce_only=True)]), False),
        (request(**EXIT), book("1", orders=[opened(Side.SELL, "0.5", in_doubt=True)]), False),
        (request(**EXIT), book("1", orders=[opened(Side.BUY, "1", in_doubt=True)]), True),
        (request(**EXIT), book("2", own="0.5"), False),
        (request(**EXIT, source="user:7"), book("2", own="0"), True),
    ],
)
def test_an_exit_never_exceeds_the_position(asked: OrderRequest, held: Any, passes: bool) -> None:
    assert reasons(asked, held) == (set() if passes else {"reversal"})


def test_a_close_that_adds_to_the_account_is_an_entry_there() -> None:
    asked = request(**EXIT)
    held = book("0", own="1")  # another agent holds the other side
    intent = classify(asked, held)
    assert (intent.account_entry, intent.source_entry, intent.escalates) == (True, False, True)
    assert "position" in reasons(asked, held, limit(ACCOUNT, Metric.POSITION, "0.5", Unit.LOTS))
    assert reasons(asked, held, limit(SOURCE, Metric.POSITION, "0.5", Unit.LOTS)) == set()


def test_an_exit_without_a_quote_skips_the_collar_and_says_so() -> None:
    asked = request(**EXIT, order_type=OrderType.LIMIT, price=Decimal(9))
    found = {result.check: result for result in run(asked, context(asked, book("1"), quotes={}))}
    assert found["price_band"].found.note == "collar_skipped"
    assert "price_band" in reasons(asked, book("1"))
    assert reasons(replace(asked, source="enforcement:1"), book("1")) == set()


def test_a_check_that_raises_denies_under_its_name() -> None:
    def broken(_request: OrderRequest, _context: Context) -> Finding:
        raise ZeroDivisionError

    asked = request()
    check = Check(name="broken", applies_to=Applies.BOTH, judge=broken)
    (result,) = run(asked, context(asked), [check])
    assert result.breach is not None
    assert result.breach.reason == "check_error:broken"


def test_a_limit_that_is_no_number_denies() -> None:
    row = limit(ACCOUNT, Metric.ORDER_SIZE, "NaN", Unit.LOTS)
    assert reasons(request(), None, row) == {"check_error:order_size_account"}


def test_a_soft_limit_passes_and_is_marked() -> None:
    row = limit(ACCOUNT, Metric.ORDER_SIZE, "2", Unit.LOTS, soft=Decimal("0.5"))
    asked = request()
    found = [result.check for result in run(asked, context(asked, None, row)) if result.found.soft]
    assert found == ["order_size_account"]


def test_negative_prices_pass_where_the_instrument_has_them() -> None:
    asked = request(order_type=OrderType.LIMIT, price=Decimal("-1.25"))
    oil = replace(EURUSD, allows_negative_price=True)
    results = {r.check: r.breach for r in run(asked, context(asked, spec=oil))}
    assert results["numbers"] is None
