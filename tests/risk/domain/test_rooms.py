"""Room at desk, account and source: figures of each scope, in its money, exact to the last digit."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.domain.book import Book
from apps.portfolio.domain.order import OrderRequest, OrderType, Side
from apps.risk.domain.checks import At, Finding, run
from apps.risk.domain.checks.correlation import added
from apps.risk.domain.limits import REQUIRED, UNITS, Limit, Metric, RiskLimits, Unit
from apps.risk.domain.metrics import parametric_es, parametric_var
from apps.risk.domain.surroundings import SnapshotFigures
from tests.risk.cast import (
    AGENT,
    NOW,
    QUOTES,
    WIDE,
    around,
    book,
    breaches,
    context,
    covariance,
    limit,
    opened,
    quote,
    reasons,
    request,
)
from tests.risk.domain.planted import NAMES

D = Decimal
DESK, ACCOUNT, SOURCE = "desk", "account:paper-1", "source:*"
AT = {DESK: At.DESK, ACCOUNT: At.ACCOUNT, SOURCE: At.SOURCE}
ONE_LOT = "128751.03"  # at 1.25001 and three collars of 1 %


@pytest.mark.parametrize("scope", [DESK, ACCOUNT, SOURCE])
@pytest.mark.parametrize("metric", REQUIRED)
def test_each_needed_limit_is_needed_at_each_scope(scope: str, metric: Metric) -> None:
    rows = tuple(row for row in WIDE if (row.scope, row.metric) != (scope, metric))
    found = breaches(request(), limits=RiskLimits(rows))
    assert [breach.reason for breach in found] == ["no_limit"]
    assert str(metric) in found[0].text


@pytest.mark.parametrize("metric", [Metric.GROSS, Metric.NET, Metric.MARGIN, Metric.OPEN_ORDERS])
def test_a_row_of_an_instrument_does_not_stand_in_for_all_of_them(metric: Metric) -> None:
    rows = tuple(row for row in WIDE if (row.scope, row.metric) != (ACCOUNT, metric))
    alone = limit(ACCOUNT, metric, "1000000", instrument="EURUSD")
    assert reasons(request(), limits=RiskLimits((*rows, alone))) == {"no_limit"}


OTHERS = {
    "gross": D(1000), "gross|EURUSD": D(300), "net_long": D(2000), "net_short": D(5), "margin": D(70),
    "open_orders": D(4), "position_long|EURUSD": D(3), "currency_long|EUR": D(11),
}  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "value", "named"),
    [
        (Metric.GROSS, D(1000) + D(ONE_LOT), {}),
        (Metric.GROSS, D(300) + D(ONE_LOT), {"instrument": "EURUSD"}),
        (Metric.NET, D(2000) + D(ONE_LOT), {}),
        (Metric.MARGIN, D(70) + D("5150.0412"), {}),
        (Metric.OPEN_ORDERS, D(5), {}),
        (Metric.POSITION, D(4), {}),
    ],
)
@pytest.mark.parametrize(("scope", "others"), [(DESK, "desk"), (SOURCE, "elsewhere")])
def test_what_others_hold_counts_and_equal_passes(
    metric: Metric, value: Decimal, named: dict[str, Any], scope: str, others: str
) -> None:
    where: Any = around(**{others: OTHERS})
    assert reasons(request(), None, limit(scope, metric, str(value), **named), around=where) == set()
    tight = limit(scope, metric, str(value - D("1e-9")), **named)
    (breach,) = breaches(request(), None, tight, around=where)
    assert (breach.reason, breach.value, breach.limit) == (metric.value, value, value - D("1e-9"))
    assert not breaches(request(), None, replace(tight, scope=ACCOUNT), around=where)


def test_every_limit_that_is_passed_is_told_with_its_own_figures() -> None:
    rows = [
        limit(ACCOUNT, Metric.GROSS, "300000"),
        limit(ACCOUNT, Metric.GROSS, "200000", instrument="EURUSD"),
        limit(ACCOUNT, Metric.GROSS, "1", instrument="USDJPY"),
        limit(ACCOUNT, Metric.NET, "1", currency="EUR"),
        limit(ACCOUNT, Metric.NET, "2", currency="USD"),
    ]
    held = book("1", orders=[opened(Side.BUY, "1", instrument="USDJPY", price=D(150))])
    found = breaches(request(), held, *rows)
    assert [(breach.check, breach.limit) for breach in found] == [
        ("gross_account", D(300_000)),
        ("gross_account EURUSD", D(200_000)),
        ("currency_account", D(1)),
    ]
    assert found[0].value == D(125_000) + D(ONE_LOT) + D(100_000) * D(150) / D("149.99")
    assert found[1].value == D(125_000) + D(ONE_LOT)


@pytest.mark.parametrize("figure", ["-1", "-0.000000001"])
def test_others_never_make_room(figure: str) -> None:
    row = limit(DESK, Metric.GROSS, str(D(ONE_LOT) - D("1e-9")))
    assert reasons(request(), None, row, around=around(desk={"gross": D(figure)})) == {"gross"}


@pytest.mark.parametrize("figure", ["NaN", "Infinity"])
def test_others_that_are_no_number_deny(figure: str) -> None:
    found = reasons(request(), around=around(desk={"gross": D(figure)}))
    assert found == {"check_error:gross_desk"}


def test_a_source_has_only_its_own_part_of_the_book() -> None:
    held = book("7", own="1", orders=[opened(Side.BUY, "2", source="agent:other"), opened(Side.BUY, "1")])
    assert reasons(request(), held, limit(SOURCE, Metric.POSITION, "3", Unit.LOTS)) == set()
    (breach,) = breaches(request(), held, limit(SOURCE, Metric.POSITION, "2.99", Unit.LOTS))
    assert breach.value == 3
    assert breach.check == "position_source"


def test_a_pattern_and_a_name_both_bind_a_source() -> None:
    rows = [
        limit("source:agent:*", Metric.ORDER_SIZE, "0.5", Unit.LOTS),
        limit(f"source:{AGENT}", Metric.ORDER_SIZE, "3", Unit.LOTS),
    ]
    assert reasons(request(), None, *rows) == {"order_size"}
    assert reasons(request(source="agent:other"), None, rows[1]) == set()


def test_each_scope_counts_in_its_own_money() -> None:
    asked, held = request(), book("0", currency="EUR")
    at_account = D(ONE_LOT) / D("1.24999")  # owed dollars cost euros at the bid
    row = limit(ACCOUNT, Metric.ORDER_VALUE, "1")
    (breach,) = breaches(asked, held, row)
    assert breach.value == at_account
    (breach,) = breaches(asked, held, replace(row, scope=DESK))
    assert breach.value is not None
    assert breach.value == at_account * D("1.25001")  # and owed euros dollars at the ask


@pytest.mark.parametrize(
    ("scope", "seconds", "hard"), [(ACCOUNT, 0, "99999"), (DESK, 0, "400000"), (SOURCE, 5.01, "99999")]
)
def test_equity_is_the_accounts_or_the_desks_of_a_recent_snapshot(
    scope: str, seconds: float, hard: str
) -> None:
    snapshot = SnapshotFigures(number=1, measured_at=NOW, equity=D(400_000), day_loss=D(0))
    where = around(snapshots={"desk": snapshot})
    row = limit(scope, Metric.GROSS, "1", Unit.EQUITY)
    wall = NOW + timedelta(seconds=seconds)
    asked = request(quantity=D(5))
    found = [b for b in breaches(asked, book("1"), row, around=where, wall_now=wall) if b.reason == "gross"]
    assert [breach.limit for breach in found] == [D(hard)]


def test_a_currency_is_bound_on_the_larger_side_of_what_the_order_moves() -> None:
    held = book("2")  # long 200,000 EUR, which cost 1.25001 dollars each when owed
    euros = D(300_000) * D("1.25001")
    row = limit(ACCOUNT, Metric.NET, str(euros), currency="EUR")
    assert reasons(request(), held, row) == set()
    (breach,) = breaches(request(), held, replace(row, hard=euros - D("0.00001")))
    assert (breach.check, breach.reason, breach.value) == ("currency_account", "currency", euros)
    assert not breaches(request(instrument="USDJPY"), held, replace(row, hard=D(1)))
    assert reasons(request(instrument="USDJPY"), held, replace(row, hard=D(1), currency="JPY")) == {
        "currency"
    }


def test_a_row_of_a_currency_is_no_row_of_all() -> None:
    rows = tuple(row for row in WIDE if (row.scope, row.metric) != (ACCOUNT, Metric.NET))
    alone = limit(ACCOUNT, Metric.NET, "1000000", currency="EUR")
    assert reasons(request(), limits=RiskLimits((*rows, alone))) == {"no_limit"}


@pytest.mark.parametrize("scope", [DESK, ACCOUNT, f"source:{AGENT}"])
def test_a_day_counts_entries_and_their_value(scope: str) -> None:
    counted = {scope: D(9), f"{scope}|EURUSD": D(2)}
    where = around(entries_today=counted, value_today=counted)
    entries = limit(scope, Metric.ENTRIES_DAY, "10", Unit.COUNT)
    assert reasons(request(), None, entries, around=where) == set()
    assert reasons(request(), None, replace(entries, hard=D(9)), around=where) == {"entries_day"}
    of_pair = replace(entries, instrument="EURUSD", hard=D("2.5"))
    assert reasons(request(), None, of_pair, around=where) == {"entries_day"}
    value = limit(scope, Metric.VALUE_DAY, str(D(9) + D(ONE_LOT)))
    assert reasons(request(), None, value, around=where) == set()
    less = replace(value, hard=value.hard - D("1e-9"))
    assert reasons(request(), None, less, around=where) == {"value_day"}


@pytest.mark.parametrize(
    ("hard", "unit", "denied"),
    [
        ("2", Unit.MONEY, False), ("1.99", Unit.MONEY, True),
        ("0.00002", Unit.SHARE, False), ("0.0000199", Unit.SHARE, True),
        ("0.00002", Unit.EQUITY, False), ("0.0000199", Unit.EQUITY, True),
    ],
)  # fmt: skip
def test_a_days_loss_is_counted_from_the_equity_it_began_with(hard: str, unit: Unit, denied: bool) -> None:
    held = book("1")  # one lot at 1.25 that could be sold at 1.24999
    row = limit(ACCOUNT, Metric.DAY_LOSS, hard, unit)
    where = around(day_start=D(100_001))
    assert reasons(request(), held, row, around=where) == ({"day_loss"} if denied else set())


def test_a_gain_is_no_loss_and_an_account_that_was_never_valued_begins_its_day() -> None:
    row = limit(ACCOUNT, Metric.DAY_LOSS, "0.01")
    assert reasons(request(), book("1"), row, around=around(day_start=D(50_000))) == set()
    assert reasons(request(), book("1"), row) == set()


def test_the_desks_loss_is_told_by_a_recent_snapshot_or_by_its_only_account() -> None:
    row = limit(DESK, Metric.DAY_LOSS, "100")
    lost = SnapshotFigures(number=1, measured_at=NOW, day_loss=D(101))
    told = around(snapshots={"desk": lost}, alone=False)
    assert reasons(request(), None, row, around=told, wall_now=NOW) == {"day_loss"}
    later = NOW + timedelta(seconds=5.01)
    assert reasons(request(), None, row, around=told, wall_now=later) == {"stale_snapshot"}
    assert reasons(request(), None, row, around=told) == {"stale_snapshot"}  # no wall clock
    back = NOW - timedelta(seconds=5.01)  # the wall clock stepped: nobody knows how old it is
    assert reasons(request(), None, row, around=told, wall_now=back) == {"stale_snapshot"}
    assert reasons(request(), None, row, around=around(alone=False)) == {"no_snapshot"}
    assert reasons(request(), None, row, around=around(day_start=D(100_100))) == set()
    assert reasons(request(), None, row, around=around(day_start=D(100_101))) == {"day_loss"}


def test_the_account_is_judged_on_the_deviation_of_its_own_book() -> None:
    # long 1 lot and 1 asked for at up to 1.2875103: euros are 1.25001 dollars, one per cent a day
    figure = D(200_000) * D("1.25001") * D("0.01")
    facts: dict[str, Any] = {"covariance": covariance()}
    for metric, scale in ((Metric.SIGMA, D), (Metric.VAR, parametric_var), (Metric.ES, parametric_es)):
        enough = limit(ACCOUNT, metric, str(scale(figure) + D("1e-6")))
        assert reasons(request(), book("1"), enough, **facts) == set()
        short = replace(enough, hard=scale(figure) - D("1e-6"))
        assert reasons(request(), book("1"), short, **facts) == {metric.value}
    share = limit(ACCOUNT, Metric.SIGMA, "0.02", Unit.SHARE)
    assert reasons(request(), book("1"), share, **facts) == {"sigma"}
    assert reasons(request(), book("1"), replace(share, hard=D("0.03")), **facts) == set()


def test_what_hedges_is_not_counted_as_long_as_it_may_not_fill() -> None:
    asked = request(side=Side.SELL)
    row = limit(ACCOUNT, Metric.SIGMA, str(D(100_000) * D("1.25001") * D("0.01") - D("1e-6")))
    assert reasons(asked, book("1"), row, covariance=covariance()) == {"sigma"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "no_covariance"),
        ({"covariance_fault": "stale_covariance"}, "stale_covariance"),
        ({"covariance": covariance(), "covariance_fault": "stale_covariance"}, "stale_covariance"),
        ({"covariance": covariance(valid_until=NOW - timedelta(seconds=1))}, "stale_covariance"),
        ({"covariance": replace(covariance(), factors=("currency|AUD", "currency|JPY", "currency|GBP"))},
         "no_covariance"),
    ],
)  # fmt: skip
def test_without_a_covariance_entries_are_denied_by_name(changes: dict[str, Any], reason: str) -> None:
    row = limit(ACCOUNT, Metric.VAR, "1000000000")
    assert reasons(request(), None, row, **changes) == {reason}
    asked = request(side=Side.SELL, reduce_only=True)
    assert reasons(asked, book("1"), row, **changes) == set()
    assert reasons(request(), **changes) == set()  # no limit needs it
    asked = request()
    assert added(asked, context(asked, **changes)) is None


def test_the_desk_adds_what_was_permitted_since_its_snapshot_each_on_its_own() -> None:
    alone = D(100_000) * D("1.25001") * D("0.01")
    known = SnapshotFigures(
        number=1, measured_at=NOW, day_loss=D(0), sigma=D(500), var=D(1100), es=D(1300), pending_sigma=D(50)
    )
    facts: dict[str, Any] = {
        "covariance": covariance(),
        "around": around(snapshots={"desk": known}, alone=False),
        "wall_now": NOW,
    }
    for metric, held, scale in (
        (Metric.SIGMA, D(500), D),
        (Metric.VAR, D(1100), parametric_var),
        (Metric.ES, D(1300), parametric_es),
    ):
        hard = held + scale(D(50)) + scale(alone)
        enough = limit(DESK, metric, str(hard + D("1e-6")))
        assert reasons(request(), None, enough, **facts) == set()
        short = replace(enough, hard=hard - D("1e-6"))
        assert reasons(request(), None, short, **facts) == {metric.value}
    late = facts | {"wall_now": NOW + timedelta(seconds=6)}
    assert reasons(request(), None, limit(DESK, Metric.VAR, "1000000"), **late) == {"stale_snapshot"}


@pytest.mark.parametrize(
    ("changes", "passes"),
    [
        ({"unsteady_until": NOW + timedelta(microseconds=1)}, False),
        ({"unsteady_until": NOW}, True),
        ({"widest_spread": D("0.00002")}, True),
        ({"widest_spread": D("0.0000199")}, False),
    ],
)
def test_nobody_enters_an_unsteady_market_and_everybody_may_leave_it(
    changes: dict[str, Any], passes: bool
) -> None:
    quotes = QUOTES | {"EURUSD": quote("EURUSD", "1.24999", "1.25001", **changes)}
    assert reasons(request(), quotes=quotes) == (set() if passes else {"bad_market"})
    leaving = request(side=Side.SELL, reduce_only=True)
    assert reasons(leaving, book("1"), quotes=quotes) == set()


METRICS = [
    (Metric.ORDER_SIZE, "order_size"),
    (Metric.ORDER_VALUE, "order_value"),
    (Metric.POSITION, "position"),
    (Metric.GROSS, "gross"),
    (Metric.NET, "net"),
    (Metric.MARGIN, "margin"),
    (Metric.OPEN_ORDERS, "open_orders"),
    (Metric.VALUE_DAY, "value_day"),
]
lots = st.decimals("-9", "9", places=2)
sizes = st.decimals("0.01", "9", places=2)
entries = st.lists(st.tuples(st.sampled_from(list(Side)), sizes), max_size=4)


def judged_alone(asked: OrderRequest, held: Book, check: str, row: Limit) -> Finding:
    """Ask one check alone, against one more limit."""
    (found,) = run(asked, context(asked, held, row), [NAMES[check]])
    return found.found


def figure(asked: OrderRequest, held: Book, metric: Metric, check: str, scope: str) -> Decimal:
    """Return the use that a check finds against a limit of nearly nothing."""
    value = judged_alone(asked, held, check, limit(scope, metric, "0.000000001")).value
    assert value is not None
    return value


@given(
    lots,
    entries,
    sizes,
    st.sampled_from(list(Side)),
    st.sampled_from(METRICS),
    st.sampled_from([DESK, ACCOUNT, SOURCE]),
)
def test_equal_passes_and_one_ulp_above_denies(
    held: Decimal,
    orders: list[tuple[Side, Decimal]],
    size: Decimal,
    side: Side,
    judged: tuple[Metric, str],
    scope: str,
) -> None:
    metric, name = judged
    mine = book(
        str(held), orders=[opened(way, str(many), order_type=OrderType.LIMIT) for way, many in orders]
    )
    asked = request(side=side, quantity=size)
    check = f"{name}_{AT[scope]}"
    use = figure(asked, mine, metric, check, scope)
    assert not judged_alone(asked, mine, check, limit(scope, metric, str(use))).reason
    denied = judged_alone(asked, mine, check, limit(scope, metric, str(use.next_minus())))
    assert denied.reason == metric.value


@given(lots, entries, sizes, sizes, st.sampled_from(list(Side)), st.sampled_from(METRICS[:-2]))
def test_more_is_never_less_use(
    held: Decimal,
    orders: list[tuple[Side, Decimal]],
    size: Decimal,
    more: Decimal,
    side: Side,
    judged: tuple[Metric, str],
) -> None:
    """A larger order, and one more open order, never take less room."""
    metric, name = judged
    rows = [opened(way, str(many), order_type=OrderType.LIMIT) for way, many in orders]
    mine, fuller = book(str(held), orders=rows), book(str(held), orders=[*rows, opened(side, str(more))])
    small, large = request(side=side, quantity=size), request(side=side, quantity=size + more)
    check = f"{name}_account"
    at_first = figure(small, mine, metric, check, ACCOUNT)
    assert figure(large, mine, metric, check, ACCOUNT) >= at_first
    assert figure(small, fuller, metric, check, ACCOUNT) >= at_first


@given(st.sampled_from(["NaN", "sNaN", "Infinity", "-Infinity"]), st.sampled_from(METRICS))
def test_a_limit_that_is_not_finite_denies(hard: str, judged: tuple[Metric, str]) -> None:
    rows: list[Limit] = [limit(ACCOUNT, judged[0], hard)]
    kept = tuple(row for row in WIDE if (row.scope, row.metric) != (ACCOUNT, judged[0]))
    found = breaches(request(), limits=RiskLimits((*kept, *rows)))
    assert [breach.reason for breach in found] == [f"check_error:{judged[1]}_account"]


@pytest.mark.parametrize("check", [name for name in NAMES if name.startswith(("order_size", "gross", "var"))])
@pytest.mark.parametrize("unit", list(Unit))
def test_a_limit_in_a_unit_that_its_metric_has_not_denies(check: str, unit: Unit) -> None:
    """Five times equity as a size in lots would bound nothing."""
    kind, _, at = check.rpartition("_")
    row = limit({"desk": DESK, "account": ACCOUNT, "source": SOURCE}[at], Metric(kind), "5", unit)
    (found,) = run(request(), context(request(), None, row, covariance=covariance()), [NAMES[check]])
    assert (found.found.reason == "bad_limit") is (unit not in UNITS[Metric(kind)])


def test_each_metric_has_its_units() -> None:
    assert set(UNITS) == set(Metric)


def test_what_was_worked_out_is_kept_with_its_context_alone() -> None:
    asked, held = request(), book("1")
    first = context(asked, held)
    assert run(asked, first) == run(asked, first)
    moved = replace(first, book=book("3"))
    assert moved.equity() != first.equity()
    assert moved.amount(At.ACCOUNT, asked, "position_long|EURUSD") == 4
