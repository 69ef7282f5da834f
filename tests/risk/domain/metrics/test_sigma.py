from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.domain.order import Side
from apps.portfolio.errors import NoMark, NoRate
from apps.risk.domain import metrics
from apps.risk.domain.metrics import Covariance
from apps.risk.errors import NoCovariance
from tests.risk.cast import QUOTES, SPECS, book, opened, quote, spec

EUR, JPY, INDEX = "currency|EUR", "currency|JPY", "instrument|US500"
US500 = spec("US500", base_currency="USD", quote_currency="USD", contract_size=Decimal(1))


def covariance(
    *deviations: float, correlation: float = 0.0, factors: tuple[str, ...] = (EUR, JPY)
) -> Covariance:
    matrix = np.full((len(deviations), len(deviations)), correlation)
    np.fill_diagonal(matrix, 1.0)
    return Covariance(
        version=1,
        factors=factors[: len(deviations)],
        matrix=matrix * np.outer(deviations, deviations),
        as_of=date(2026, 1, 6),
        valid_until=datetime(2026, 1, 7, 23, tzinfo=UTC),
    )


def test_a_pair_is_long_its_base_currency_and_the_base_of_the_desk_is_left_out() -> None:
    assert metrics.exposures(book("2"), QUOTES, SPECS, "USD") == {EUR: Decimal("250002.00")}


def test_a_cross_has_two_legs_that_net_with_other_pairs() -> None:
    quotes = QUOTES | {"EURGBP": quote("EURGBP", "0.80", "0.80"), "GBPUSD": quote("GBPUSD", "1.56", "1.56")}
    held = book("-1")
    cross = held.holdings["EURUSD"].__class__(
        instrument="EURGBP", quantity=Decimal(1), average_price=Decimal("0.8")
    )
    both = held.__class__(account=held.account, holdings={**held.holdings, "EURGBP": cross})
    assert metrics.exposures(both, quotes, SPECS, "USD") == {"currency|GBP": Decimal("-124800.0000")}


def test_anything_else_is_its_value_in_its_own_factor_and_its_profit_in_its_quote_currency() -> None:
    held = book("0")
    index = held.holdings["EURUSD"].__class__(
        instrument="US500", quantity=Decimal(2), average_price=Decimal(5900)
    )
    both = held.__class__(account=held.account, holdings={"US500": index})
    quotes = QUOTES | {"US500": quote("US500", "6000", "6002")}
    assert metrics.exposures(both, quotes, SPECS | {"US500": US500}, "USD") == {INDEX: Decimal(12002)}


def test_a_position_without_a_price_or_rate_has_no_exposure_instead_of_none() -> None:
    with pytest.raises(NoMark):
        metrics.exposures(book("1"), {}, SPECS, "USD")
    with pytest.raises(NoRate):
        metrics.exposures(book("1"), QUOTES, SPECS, "CHF")


def test_sigma_is_the_root_of_the_quadratic_form_rounded_up() -> None:
    amounts = {EUR: Decimal(100_000), JPY: Decimal(-50_000)}
    variance = 600**2 + 250**2 - 2 * 0.5 * 600 * 250
    found = metrics.sigma(covariance(0.006, 0.005, correlation=0.5), amounts)
    assert found >= Decimal(repr(variance**0.5))
    assert float(found) == pytest.approx(variance**0.5, abs=2e-9)
    assert found == found.quantize(Decimal("1e-9"))


def test_an_exposure_outside_of_the_matrix_is_never_taken_for_nought() -> None:
    with pytest.raises(NoCovariance, match="GBP"):
        metrics.sigma(covariance(0.006, 0.005), {"currency|GBP": Decimal(1)})
    assert metrics.sigma(covariance(0.006, 0.005), {"currency|GBP": Decimal(0)}) == 0


@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_a_sigma_that_is_not_finite_raises(broken: float) -> None:
    with pytest.raises(ArithmeticError):
        metrics.sigma(covariance(broken), {EUR: Decimal(1)})


def test_an_order_that_hedges_does_not_lower_what_is_limited() -> None:
    held, hedge = {EUR: Decimal(100_000)}, {EUR: Decimal(-100_000)}
    alone = metrics.sigma(covariance(0.006), held)
    assert metrics.limited(covariance(0.006), held, hedge) == alone
    assert metrics.limited(covariance(0.006), held, held) == 2 * alone


def test_every_other_open_entry_counts_on_its_own() -> None:
    entries = [opened(Side.SELL, "1", client_order_id=name) for name in ("a", "b")]
    found = metrics.worst(covariance(0.01), book("1", orders=entries), QUOTES, SPECS, base="USD")
    alone = [metrics.worst(covariance(0.01), book(lots), QUOTES, SPECS, base="USD") for lots in ("1",)]
    assert found - alone[0] >= 2 * Decimal("1249.9")


def test_reductions_are_no_entries() -> None:
    exit_ = opened(Side.SELL, "1", reduce_only=True, is_entry=False)
    held = metrics.worst(covariance(0.01), book("1"), QUOTES, SPECS, base="USD")
    assert metrics.worst(covariance(0.01), book("1", orders=[exit_]), QUOTES, SPECS, base="USD") == held


def test_var_and_es_of_a_normal_day() -> None:
    assert metrics.parametric_var(Decimal(1000)) == Decimal("2326.347874041")
    assert metrics.parametric_es(Decimal(1000)) == Decimal("2665.214220346")


amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2)
parts = st.fixed_dictionaries({EUR: amounts, JPY: amounts})


@given(held=parts, order=parts, others=st.lists(parts, max_size=3), correlation=st.floats(-1, 1))
def test_no_fill_of_what_is_open_exceeds_what_is_limited(
    held: dict[str, Decimal], order: dict[str, Decimal], others: list[dict[str, Decimal]], correlation: float
) -> None:
    known = covariance(0.006, 0.009, correlation=correlation)
    counted = metrics.limited(known, held, order, others)
    for share in (Decimal(0), Decimal("0.3"), Decimal(1)):
        filled = {factor: amount * share for factor, amount in metrics.total([order, *others]).items()}
        reached = metrics.sigma(known, metrics.total([held, filled]))
        assert reached <= counted * (1 + Decimal("1e-12")) + Decimal("1e-6")


@given(first=parts, second=parts, correlation=st.floats(-1, 1))
def test_sigma_is_subadditive(
    first: dict[str, Decimal], second: dict[str, Decimal], correlation: float
) -> None:
    known = covariance(0.006, 0.009, correlation=correlation)
    together = metrics.sigma(known, metrics.total([first, second]))
    apart = metrics.sigma(known, first) + metrics.sigma(known, second)
    assert together <= apart * (1 + Decimal("1e-12")) + Decimal("1e-6")
