"""Sizing as a permit applies it: Kelly by closed trades, true ranges by stored bars, less after losses."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from apps.marketdata.domain.bar import Timeframe
from apps.portfolio import ledger
from apps.portfolio.domain.order import OrderStatus, Side
from apps.portfolio.domain.report import ExecutionReport, ReportedFill
from apps.risk import breakers, review
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.verdict import Approved, Denied
from apps.risk.models import RiskReview, SizingRule
from apps.risk.review import trades, volatility
from tests.agents.floor import Floor, open_floor
from tests.risk.desk import ACCOUNT, Desk

D = Decimal
KELLY = {
    "kelly_kind": "discrete",
    "kelly_fraction": D("0.25"),
    "kelly_cap": D("0.02"),
    "kelly_probe": D("0.001"),
}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    trades.forget()
    volatility.forget()
    yield
    trades.forget()
    volatility.forget()


def rule(**figures: Any) -> None:
    SizingRule.objects.filter(source="agent:*").delete()
    SizingRule.objects.create(source="agent:*", reason="test", changed_by="user:1", **figures)


def lots(desk: Desk, asked: str = "1", **changes: Any) -> Decimal | str:
    """Return the lots that sizing would leave, or why it denies."""
    shown = review.preview(desk.request(asked, **changes))
    denied = [breach.reason for breach in shown.breaches if breach.check == "sizing"]
    return denied[0] if denied else D(shown.sizing["quantity"])


def trade(desk: Desk, side: Side, price: str, profit: str = "0", **changes: Any) -> None:
    verdict = desk.ask("0.01", side, **changes)
    assert isinstance(verdict, Approved), verdict
    claimed = ledger.claim(owner="test", fence=1, lease_s=5)
    assert claimed is not None
    filled = desk.filled(claimed, price)
    (fill,) = filled.fills
    booked = ReportedFill(**{name: getattr(fill, name) for name in fill.__slots__} | {"profit": D(profit)})
    report = ExecutionReport(
        client_order_id=claimed.client_order_id, status=OrderStatus.FILLED, fills=(booked,)
    )
    ledger.apply(account=ACCOUNT, report=report)


def trip(desk: Desk, points: int, policy: str) -> None:
    trade(desk, Side.BUY, "1.25", policy=policy)
    trade(desk, Side.SELL, f"{D('1.25') + D(points) / 10**5}", str(points * D("0.01")), reduce_only=True)


def test_kelly_probes_until_thirty_trades_then_follows_the_edge(desk: Desk) -> None:
    rule(**KELLY)
    asked: dict[str, Any] = {"policy": "trend v1", "stop_distance": D("0.005")}  # 500 USD a lot
    assert lots(desk, **asked) == D("0.2")  # the probe: 100 USD at the stop
    for number in range(30):
        trip(desk, 20 if number % 3 else -10, "trend v1")
    assert lots(desk, **asked) == D("0.2")  # as known a moment ago
    trades.forget()
    # p = 2/3, wins twice as large: f = 1/2, of which a quarter is more than the cap: 2,000 USD, 4 lots.
    assert lots(desk, "50", **asked) == 4
    assert lots(desk, **(asked | {"policy": "trend v2"})) == D("0.2")


def test_a_policy_that_loses_has_no_edge(desk: Desk) -> None:
    rule(**KELLY)
    for number in range(30):
        trip(desk, -20 if number % 3 else 10, "bad v1")
    trades.forget()
    assert lots(desk, policy="bad v1") == "no_edge"
    verdict = desk.ask("1", policy="bad v1")
    assert isinstance(verdict, Denied)
    assert lots(desk, "0.2", policy="") == "no_edge"  # all of the source's own trades, where it names none


def test_losses_shrink_what_sizers_allow(desk: Desk) -> None:
    rule(risk_fraction=D("0.01"), drawdown_scaling=True)
    asked: dict[str, Any] = {"asked": "3", "stop_distance": D("0.005")}
    breakers.evaluate(ACCOUNT)
    assert lots(desk, **asked) == 2
    desk.hold("1", stop_distance=D("0.005"))
    desk.quote("EURUSD", "1.22999", "1.23001")  # 2,001 USD lost of 100,000: a fifth of the way to 10 %
    # 1 % of 97,999 at 500 USD a lot, four fifths of it, less the lot that is held.
    assert lots(desk, **asked) == D("0.56")
    shown = review.preview(desk.request("3", stop_distance=D("0.005")))
    assert D(shown.sizing["factor"]) == D("0.7999")


def test_money_taken_out_is_no_loss(desk: Desk) -> None:
    rule(risk_fraction=D("0.01"), drawdown_scaling=True)
    breakers.evaluate(ACCOUNT)
    desk.deposit("-50000")
    assert lots(desk, "3", stop_distance=D("0.005")) == 1  # 1 % of what is left, and all of it


def test_at_warning_both_factors_count(desk: Desk) -> None:
    rule(risk_fraction=D("0.01"), drawdown_scaling=True)
    breakers.evaluate(ACCOUNT)
    breakers.trip(scope="desk", level=BreakerLevel.WARNING, cause="test", by="user:1")
    assert lots(desk, "3", stop_distance=D("0.005")) == 1


def test_a_person_is_sized_by_a_share_at_risk_and_the_review_says_so(desk: Desk) -> None:
    asked: dict[str, Any] = {"source": "user:7", "stop_distance": None, "stop_loss": D("1.24")}
    verdict = desk.ask("50", **asked, risk_share=D("0.003"))
    assert isinstance(verdict, Approved)
    assert verdict.quantity == D("0.3")
    assert RiskReview.objects.get(pk=verdict.review_id).sizing["risk_share"] == "0.003"
    assert lots(desk, **(asked | {"stop_loss": None}), risk_share=D("0.003")) == "no_stop"
    assert lots(desk, "4", **asked) == "over_size"


def test_a_share_at_risk_that_is_sent_twice_is_a_duplicate(desk: Desk) -> None:
    asked: dict[str, Any] = {"source": "user:7", "stop_distance": None, "stop_loss": D("1.24")}
    assert desk.reasons("50", **asked, risk_share=D("0.003")) == set()
    assert desk.reasons("50", **asked, risk_share=D("0.003")) == {"duplicate"}


@pytest.fixture
def floor(questdb: object, transactional_db: None, valkey: str, settings: Settings, tmp_path: Path) -> Floor:
    return open_floor(settings, tmp_path)


def test_true_ranges_of_stored_bars_size_an_entry(floor: Floor) -> None:
    rule(atr_share=D("0.01"), atr_multiple=D(2), atr_timeframe="1m")
    assert lots(floor.desk) == "no_atr"
    floor.close_bars()
    volatility.forget()
    measured = volatility.average_range("EURUSD", Timeframe.M1)
    assert measured is not None
    exact = D(1000) / (2 * measured * 100_000)
    shown = review.preview(floor.desk.request("50"))
    assert D(shown.sizing["caps"]["atr"]) == pytest.approx(exact)
    assert D(shown.sizing["quantity"]) == min(D(50), exact.quantize(D("0.01"), rounding="ROUND_DOWN"))
