import contextlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from pytest_django import Settings

from apps.marketdata import clock
from apps.portfolio import ledger
from apps.portfolio.domain.order import OrderRequest, Side
from apps.portfolio.models import ScopeUse
from apps.risk import covariances, gauges, review, snapshots
from apps.risk.domain.limits import Metric, Unit
from apps.risk.domain.verdict import Approved, Verdict
from apps.risk.errors import Busy
from apps.risk.models import BreakerState, Covariance, RiskGauge, RiskSnapshot
from tests.risk.cast import AGENT
from tests.risk.desk import ACCOUNT, Desk, at_once

D = Decimal
MATRIX = [[4e-05, 1e-05], [1e-05, 9e-05]]


def covariance(version: int = 1, **changes: object) -> Covariance:
    days = [date(2025, 6, 2) + timedelta(days=ahead) for ahead in range(100)]
    moves = np.random.default_rng(7).multivariate_normal([0, 0], MATRIX, size=100)
    usual = {
        "base": "USD",
        "factors": ["currency|EUR", "currency|JPY"],
        "matrix": MATRIX,
        "returns": moves.tolist(),
        "days": [day.isoformat() for day in days],
        "days_used": 100,
        "first_day": days[0],
        "last_day": days[-1],
        "valid_until": clock.desk_now() + timedelta(days=1),
    }
    covariances.forget()
    return Covariance.objects.create(version=version, **(usual | changes))


def figure(scope: str) -> gauges.ScopeRisk:
    return gauges.latest([scope])[scope]


def set_forward(settings: Settings) -> None:
    """Let a minute of desk time go by in which no quote comes."""
    clock_file = json.loads(settings.MTQ_CLOCK_FILE.read_text())
    later = datetime.fromisoformat(clock_file["desk_at"]) + timedelta(minutes=1)
    settings.MTQ_CLOCK_FILE.write_text(
        json.dumps(clock_file | {"epoch": 2, "desk_at": later.strftime("%Y-%m-%dT%H:%M:%S.%fZ")})
    )


def test_a_flat_desk_risks_nothing_and_needs_no_covariance(desk: Desk) -> None:
    assert snapshots.measure()
    found = figure("desk")
    assert (found.equity, found.gross, found.sigma, found.fault) == (D(100_000), D(0), D(0), "")


def test_every_scope_is_measured_with_what_is_held_and_open(desk: Desk) -> None:
    covariance()
    desk.hold("1")
    desk.ask("1", Side.SELL)
    snapshots.measure()
    alone = D("125000") * D("4e-05").sqrt()
    for scope in ("desk", f"account:{ACCOUNT}", f"source:{AGENT}"):
        found = figure(scope)
        assert found.sigma is not None
        assert found.sigma / alone == pytest.approx(D(2), rel=D("0.01"))  # the sell hedges nothing yet
        assert found.var == pytest.approx(found.sigma * D("2.3263478740"), rel=D("1e-9"))
        assert found.open_orders == 1


def test_a_position_without_a_covariance_has_no_sigma_and_says_why(desk: Desk) -> None:
    desk.hold("1")
    snapshots.measure()
    found = figure("desk")
    assert (found.gross, found.sigma, found.var, found.fault) == (D(125_000), None, None, "no_covariance")


def test_a_stale_covariance_measures_nothing(desk: Desk) -> None:
    covariance(valid_until=clock.desk_now() - timedelta(seconds=1))
    desk.hold("1")
    snapshots.measure()
    assert (figure("desk").sigma, figure("desk").fault) == (None, "stale_covariance")


def test_without_a_good_mark_exposure_is_unknown_instead_of_none(desk: Desk, settings: Settings) -> None:
    covariance()
    desk.hold("1")
    set_forward(settings)
    snapshots.measure()
    found = figure("desk")
    assert (found.gross, found.sigma, found.marks_good) == (None, None, False)
    assert found.fault.startswith("NoMark")
    assert found.equity == 99_999  # at the last known price


def test_an_agents_loss_of_the_day_is_counted_from_its_own_profit(desk: Desk) -> None:
    desk.hold("1")
    snapshots.measure()
    desk.quote("EURUSD", "1.24499", "1.24501")
    snapshots.measure()
    found = figure(f"source:{AGENT}")
    assert (found.profit, found.day_loss, found.equity) == (D(-501), D(500), None)
    assert found.drawdown == pytest.approx(D(500) / D("99499"), rel=D("1e-6"))
    desk.quote("EURUSD", "1.25499", "1.25501")
    snapshots.measure()
    assert figure(f"source:{AGENT}").day_loss == 0


def test_a_loss_of_the_day_does_not_shrink_at_marks_that_are_old(desk: Desk, settings: Settings) -> None:
    desk.hold("1")
    snapshots.measure()
    desk.quote("EURUSD", "1.24499", "1.24501")
    snapshots.measure()
    set_forward(settings)
    desk.quote("EURUSD", "1.25499", "1.25501", age_s=30)
    snapshots.measure()
    for scope in ("desk", f"source:{AGENT}"):
        assert (figure(scope).day_loss, figure(scope).marks_good) == (D(500), False)
        assert "day_loss_held" in figure(scope).fault
    assert figure("desk").equity == 99_499  # what a share of equity is counted from does not grow either
    desk.quote("EURUSD", "1.25499", "1.25501")
    snapshots.measure()
    assert (figure("desk").day_loss, figure("desk").fault) == (D(0), "no_covariance")


def test_an_account_loses_from_its_breakers_bases(desk: Desk) -> None:
    desk.hold("1")
    BreakerState.objects.update_or_create(
        scope=f"account:{ACCOUNT}", defaults={"high_water_mark": D(110_000), "day_start": D(100_500)}
    )
    snapshots.measure()
    found = figure(f"account:{ACCOUNT}")
    assert (found.high_water_mark, found.day_loss) == (D(110_000), D(501))
    assert found.drawdown == pytest.approx(D("10001") / D("110000"), rel=D("1e-6"))


def test_pages_get_three_methods_and_what_moves_together(desk: Desk) -> None:
    covariance()
    desk.hold("1")
    desk.hold("1", Side.SELL, instrument="USDJPY", price="150")
    snapshots.measure(figures=True)
    shown = figure("desk").figures
    assert shown["days"] == 100
    assert set(shown["var"]) == {"historical", "normal", "ewma"}
    assert D(shown["es"]["historical"]) >= D(shown["var"]["historical"]) > 0
    assert shown["correlation"]["names"] == ["currency|EUR", "currency|JPY"]
    assert shown["correlation"]["rows"][0][1] == pytest.approx(1 / 6)
    assert shown["factors"]["currency|JPY"].startswith("1000")


def test_a_new_covariance_brings_new_figures_at_once(desk: Desk) -> None:
    snapshots.measure()
    assert figure("desk").figures["days"] == 0
    covariance()
    snapshots.measure()
    assert figure("desk").figures["days"] == 100


def test_snapshots_are_kept_once_a_minute_and_leave_out_flat_sources(desk: Desk) -> None:
    desk.ask("1")
    for _ in range(3):
        snapshots.measure()
    kept = RiskSnapshot.objects.values_list("scope", flat=True)
    assert sorted(kept) == [f"account:{ACCOUNT}", "desk", f"source:{AGENT}"]
    RiskGauge.objects.update(figured_at=datetime(2026, 1, 1, tzinfo=UTC))
    snapshots.measure()
    assert RiskSnapshot.objects.count() == 6
    assert RiskGauge.objects.count() == 3


def test_snapshots_older_than_thirty_days_go(desk: Desk) -> None:
    snapshots.measure(figures=True)
    RiskSnapshot.objects.update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    snapshots.measure(figures=True)
    assert RiskSnapshot.objects.filter(created_at__lt=datetime(2026, 2, 1, tzinfo=UTC)).count() == 0


def test_a_round_that_was_overtaken_writes_nothing(desk: Desk) -> None:
    snapshots.measure()
    RiskGauge.objects.update(number=10**9)
    snapshots.measure()
    assert figure("desk").number == 10**9


def test_a_source_whose_orders_ended_unfilled_is_not_denied_for_an_old_measurement(desk: Desk) -> None:
    first = desk.ask("0.5")
    assert isinstance(first, Approved)
    snapshots.measure()
    ledger.cancel_local(order_id=first.order.client_order_id)
    RiskGauge.objects.update(measured_at=F("measured_at") - timedelta(minutes=1))
    snapshots.measure()
    assert isinstance(desk.ask("0.5"), Approved)


def test_no_entry_is_lost_between_a_reading_and_the_counters(desk: Desk) -> None:
    covariance()
    desk.limit("desk", Metric.SIGMA, "1000000", Unit.MONEY)
    snapshots.measure()
    rounds = [snapshots.measure for _ in range(4)]
    entries = [partial(verdict, desk.request("0.1", source=f"agent:{at}")) for at in range(8)]
    calls: list[Callable[[], Verdict | bool]] = [*rounds, *entries]
    assert all(isinstance(found, Approved | bool) for found in at_once(calls))
    counted = counted_sigma()
    snapshots.measure()
    measured = figure("desk").sigma
    assert measured is not None
    assert counted == measured == counted_sigma() > 0


def verdict(request: OrderRequest) -> Verdict:
    """Ask until there is one."""
    while True:
        with contextlib.suppress(Busy):
            return review.permit(request)


def counted_sigma() -> Decimal:
    used: Decimal = ScopeUse.objects.get(scope="desk", metric="sigma").used
    return used


def test_a_covariance_comes_back_bit_for_bit_and_is_only_ever_added(desk: Desk) -> None:
    matrix = (np.random.default_rng(5).standard_normal((2, 2)) * 1e-5).tolist()
    row = covariance(matrix=matrix)
    found = covariances.current()
    assert found is not None
    assert found.matrix.tobytes() == np.array(matrix).tobytes()
    with pytest.raises(IntegrityError), transaction.atomic():
        Covariance.objects.filter(pk=row.pk).update(base="EUR")


def test_the_newest_version_is_the_one_in_force(desk: Desk) -> None:
    covariance(1)
    covariance(2)
    found, fault = covariances.judged(clock.desk_now())
    assert found is not None
    assert (found.version, fault) == (2, "")
    assert covariances.judged(found.valid_until + timedelta(seconds=1)) == (None, "stale_covariance")
