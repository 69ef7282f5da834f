"""How much of each limit is used, as pages show it: valued at good quotes, unknown where there is none."""

from decimal import Decimal

import pytest
import redis

from apps.edges import figures
from apps.marketdata import clock
from apps.portfolio import ledger
from apps.portfolio.models import ScopeUse
from apps.risk import overview
from apps.risk.admin.limits import amount
from apps.risk.domain.limits import Metric, Unit
from apps.risk.models import RiskGauge
from apps.risk.overview import Headroom
from apps.risk.overview.use import look
from tests.risk.cast import AGENT
from tests.risk.desk import ACCOUNT, Desk

D = Decimal
OWN = f"account:{ACCOUNT}"


def _rows(scope: str, metric: Metric) -> list[Headroom]:
    found = overview.headroom(lambda seen: seen == scope)
    return [row for row in found if row.metric is metric]


def test_gross_of_an_account_is_its_position_at_mid_against_its_share_of_equity(desk: Desk) -> None:
    desk.hold("1")
    desk.limit(OWN, Metric.GROSS, "200000", Unit.MONEY)
    (row,) = _rows(OWN, Metric.GROSS)
    assert (row.used, row.hard, row.currency) == (D(125_000), D(200_000), "USD")
    assert (row.share, row.left) == (D("0.625"), D(75_000))


def test_an_open_order_counts_in_its_source_too(desk: Desk) -> None:
    desk.ask("1")
    desk.limit(f"source:{AGENT}", Metric.OPEN_ORDERS, "3", Unit.COUNT)
    (row,) = _rows(f"source:{AGENT}", Metric.OPEN_ORDERS)
    assert (row.used, row.hard, row.unit) == (D(1), D(3), "count")


def test_without_a_good_quote_money_is_unknown_and_lots_are_not(desk: Desk, valkey: str) -> None:
    desk.hold("1")
    with redis.Redis.from_url(valkey) as client:
        client.flushall()
    desk.limit(OWN, Metric.GROSS, "200000", Unit.MONEY)
    (gross,), (position,) = _rows(OWN, Metric.GROSS), _rows(OWN, Metric.POSITION)
    assert (gross.used, gross.share, gross.is_over) == (None, None, False)
    assert gross.why == "no fresh price of EURUSD"
    assert (position.used, position.at) == (D(1), "EURUSD")


def test_use_beyond_a_limit_that_was_lowered_comes_first(desk: Desk) -> None:
    desk.hold("1")
    desk.limit(OWN, Metric.POSITION, "0.5")
    first, *_ = overview.headroom(lambda scope: scope == OWN)
    assert (first.metric, first.is_over, first.left) == (Metric.POSITION, True, D("-0.5"))


def test_of_several_rows_for_a_scope_the_tightest_counts(desk: Desk) -> None:
    desk.limit("account:*", Metric.POSITION, "3")
    (row,) = _rows(OWN, Metric.POSITION)
    assert row.hard == 3


def test_a_bound_of_each_order_has_no_use_and_comes_last(desk: Desk) -> None:
    found = overview.headroom(lambda scope: scope == OWN)
    assert found[-1].each_order
    assert found[-1].used is None
    assert all(not row.why for row in found if row.each_order)


def test_what_the_permit_counts_at_the_desk_is_what_is_shown_and_yesterdays_is_nought(desk: Desk) -> None:
    desk.limit("desk", Metric.ENTRIES_DAY, "100", Unit.COUNT)
    desk.limit("desk", Metric.GROSS, "1000000", Unit.MONEY)
    ScopeUse.objects.filter(scope="desk", metric__regex="^(entries_day@|gross$)").delete()
    ScopeUse.objects.create(scope="desk", metric="gross", used=D(4321))
    ScopeUse.objects.create(scope="desk", metric=f"entries_day@{look().day}", used=D(7))
    assert [row.used for row in _rows("desk", Metric.GROSS)] == [D(4321)]
    assert [row.used for row in _rows("desk", Metric.ENTRIES_DAY)] == [D(7)]
    ScopeUse.objects.filter(metric__startswith="entries_day@").update(metric="entries_day@2020-01-01")
    assert [row.used for row in _rows("desk", Metric.ENTRIES_DAY)] == [D(0)]


def test_only_scopes_that_the_reader_sees_are_told(desk: Desk) -> None:
    assert overview.headroom(lambda _: False) == []
    assert {row.scope for row in overview.headroom(lambda scope: scope == OWN)} == {OWN}


def _measured(scope: str, **amounts: Decimal) -> None:
    """Write a gauge as risk's beat does, in the base currency."""
    now = clock.desk_now()
    RiskGauge.objects.create(
        scope=scope, currency="USD", marks_good=True, desk_at=now, measured_at=now, **amounts
    )


def test_what_is_measured_of_an_account_in_another_currency_is_shown_in_that_of_its_limit(desk: Desk) -> None:
    ledger.open_account(slug=ACCOUNT, currency="EUR", leverage=D(30))
    _measured(OWN, sigma=D(124_999), var=D("12499.9"), day_loss=D("1249.99"))
    desk.limit(OWN, Metric.VAR, "20000", Unit.MONEY)
    desk.limit(OWN, Metric.SIGMA, "0.5", Unit.SHARE)
    (var,), (sigma,), (loss,) = (_rows(OWN, each) for each in (Metric.VAR, Metric.SIGMA, Metric.DAY_LOSS))
    assert [row.currency for row in (var, sigma, loss)] == ["EUR"] * 3
    assert (round(var.used or D(0), 6), var.hard) == (D(10_000), D(20_000))
    assert (round(sigma.used or D(0), 6), sigma.hard) == (D(100_000), D(50_000))
    assert round(loss.used or D(0), 6) == D(1000)


def test_without_a_rate_what_was_measured_in_another_currency_is_unknown(desk: Desk, valkey: str) -> None:
    ledger.open_account(slug=ACCOUNT, currency="EUR", leverage=D(30))
    _measured(OWN, var=D(12_500))
    desk.limit(OWN, Metric.VAR, "20000", Unit.MONEY)
    with redis.Redis.from_url(valkey) as client:
        client.flushall()
    (row,) = _rows(OWN, Metric.VAR)
    assert (row.used, row.why) == (None, "no fresh rate of the currency that it was measured in")


@pytest.mark.parametrize(("scope", "money"), [(OWN, "the account's currency"), ("desk", "USD")])
def test_a_limit_in_money_names_the_currency_that_its_scope_is_judged_in(scope: str, money: str) -> None:
    shown = amount(D(5), "money", scope).replace(figures.TIED, " ")
    assert shown == f"5 {'in ' if scope == OWN else ''}{money}"
