"""Kelly's share from closed trades: what it is, when it denies, when it only probes."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from apps.risk.domain.sizing import (
    CannotSize,
    KellyKind,
    KellyTerms,
    Rule,
    SizingInput,
    TradeStatistics,
    kelly,
    kelly_share,
    statistics,
)
from tests.risk.cast import EURUSD

D = Decimal
RETURNS = st.lists(st.decimals(min_value="-0.05", max_value="0.05", places=5), min_size=30, max_size=80)


def rule(kind: KellyKind, cap: str = "1", **changes: Any) -> Rule:
    terms: dict[str, Any] = {"kind": kind, "fraction": D("0.25"), "cap": D(cap), "probe": D("0.001")}
    return Rule(
        source="agent:*",
        risk_fraction=None,
        target_volatility=None,
        assumed_stop=None,
        kelly=KellyTerms(**(terms | changes)),
    )


def given_(trades: TradeStatistics | None) -> SizingInput:
    return SizingInput(
        equity=D(100_000),
        price=D("1.25"),
        rate=D(1),
        spec=EURUSD,
        stop_distance=D("0.005"),
        yearly_volatility=None,
        trades=trades,
    )


def trades(*parts: tuple[str, int]) -> TradeStatistics:
    """Return the statistics of so many trades of each return."""
    return statistics([D(value) for value, count in parts for _ in range(count)], is_paper=True)


def reason(asked: Rule, found: TradeStatistics | None) -> str:
    with pytest.raises(CannotSize) as error:
        kelly(asked, given_(found))
    return error.value.reason


def test_the_discrete_share_is_lost_at_the_stop() -> None:
    found = trades(("0.02", 18), ("-0.01", 12))  # p = 0.6, wins twice as large as losses
    assert kelly_share(found, KellyKind.DISCRETE) == D("0.4")
    # A quarter of 0.4 is a tenth of equity: 10,000 USD at 500 USD a lot.
    assert kelly(rule(KellyKind.DISCRETE), given_(found)) == 20
    assert kelly(rule(KellyKind.DISCRETE, cap="0.02"), given_(found)) == 4


def test_the_continuous_share_is_of_notional() -> None:
    found = trades(("0.02", 20), ("-0.01", 20))  # mean 0.005, variance 0.009 / 39
    share = kelly_share(found, KellyKind.CONTINUOUS)
    assert share == D("0.005") / (D("0.009") / 39)
    assert kelly(rule(KellyKind.CONTINUOUS, cap="5"), given_(found)) == 4  # 500,000 USD of 125,000 a lot


@pytest.mark.parametrize("kind", KellyKind)
@pytest.mark.parametrize(
    "found",
    [
        trades(("0.01", 15), ("-0.01", 15)),
        trades(("-0.01", 40)),
        trades(("0", 40)),
        trades(("0.01", 10), ("-0.02", 30)),
    ],
)
def test_a_share_that_is_not_above_zero_is_no_edge(kind: KellyKind, found: TradeStatistics) -> None:
    assert reason(rule(kind), found) == "no_edge"


@pytest.mark.parametrize("kind", KellyKind)
def test_below_thirty_trades_only_the_probe_is_risked(kind: KellyKind) -> None:
    for few in (trades(), trades(("0.05", 29)), trades(("-0.05", 29))):
        assert kelly(rule(kind), given_(few)) == D("0.2")  # 100 USD at 500 USD a lot
    assert reason(rule(kind), trades(("-0.05", 30))) == "no_edge"


@pytest.mark.parametrize("kind", KellyKind)
def test_trades_that_never_lost_are_worth_the_cap(kind: KellyKind) -> None:
    found = trades(("0.01", 30))
    assert kelly(rule(kind, cap="0.03"), given_(found)) == (6 if kind is KellyKind.DISCRETE else D("0.024"))


def test_trades_that_could_not_be_read_are_no_edge_either() -> None:
    assert reason(rule(KellyKind.DISCRETE), None) == "no_trades"


def test_only_the_last_250_trades_count() -> None:
    found = statistics([D("-0.01")] * 100 + [D("0.01")] * 250, is_paper=False)
    assert (found.count, found.wins, found.mean_loss) == (250, 250, None)


@given(RETURNS, st.sampled_from(KellyKind))
def test_more_than_the_cap_is_never_risked(returns: list[Decimal], kind: KellyKind) -> None:
    asked = rule(kind, cap="0.02")
    try:
        lots = kelly(asked, given_(statistics(returns, is_paper=True)))
    except CannotSize as denied:
        event(denied.reason)
        return
    worth = D(500) if kind is KellyKind.DISCRETE else D(125_000)
    assert 0 < lots * worth <= D(2000) * (1 + D("1e-20"))
