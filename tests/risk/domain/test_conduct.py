"""What a source may trade, how fast and how often it asks, and against whom."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.domain.order import OrderRequest, OrderType, Side
from apps.risk.domain.checks import At, run
from apps.risk.domain.checks.conduct import drawn_buckets, repeat, self_trade
from apps.risk.domain.checks.market import price_band
from apps.risk.domain.limits import Metric, RiskLimits, Unit
from apps.risk.domain.overrides import Overridable, override_hash
from apps.risk.domain.surroundings import Bucket, Override, RestingOrder
from tests.risk.cast import (
    AGENT,
    NOW,
    WIDE,
    around,
    book,
    context,
    limit,
    opened,
    past,
    reasons,
    request,
    resting,
)

D = Decimal
EXIT: dict[str, Any] = {"side": Side.SELL, "reduce_only": True}
PERSON, TOKEN = "user:7", "token:abc"
RATE = limit("source:*", Metric.MESSAGE_RATE, "1", Unit.PER_SECOND)
BURST = limit("source:*", Metric.MESSAGE_BURST, "3", Unit.COUNT)
EMPTY = {f"source:{AGENT}": Bucket(tokens=D("0.5"), filled_at=NOW)}


@pytest.mark.parametrize(
    ("permitted", "passes"),
    [
        ((), False),
        ((("*", "*"),), True),
        (((AGENT, "EURUSD"),), True),
        ((("agent:*", "EUR*"),), True),
        ((("user:*", "*"), (AGENT, "USDJPY")), False),
    ],
)
def test_a_source_trades_what_a_row_permits(permitted: Any, passes: bool) -> None:
    where = around(permitted=permitted)
    assert reasons(request(), around=where) == (set() if passes else {"not_permitted"})
    assert reasons(request(**EXIT), book("1"), around=where) == set()


def test_nobody_enters_a_restricted_instrument_and_everybody_may_leave_it() -> None:
    where = around(restricted=frozenset({"EURUSD"}))
    assert reasons(request(), around=where) == {"restricted"}
    assert reasons(request(**EXIT), book("1"), around=where) == set()


@pytest.mark.parametrize(
    ("source", "changes", "ago_s", "denied"),
    [
        (PERSON, {}, 0, True),
        (TOKEN, {}, 5, True),
        (PERSON, {}, 5.001, False),
        (AGENT, {}, 0, False),
        (PERSON, {"quantity": D("1.0")}, 1, True),
        (PERSON, {"quantity": D(2)}, 1, False),
        (PERSON, {"side": Side.SELL}, 1, False),
        (PERSON, {"account": "paper-2"}, 1, False),
        (PERSON, {"order_type": OrderType.LIMIT, "price": D("1.25")}, 1, False),
    ],
)
def test_a_person_does_not_send_the_same_order_twice_in_five_seconds(
    source: str, changes: dict[str, Any], ago_s: float, denied: bool
) -> None:
    asked = request(source=source)
    where = around(lately=(past(asked, ago_s=ago_s, **changes),))
    assert reasons(asked, around=where) == ({"duplicate"} if denied else set())


def test_a_persons_exit_is_no_duplicate_of_an_entry_of_another_size_but_of_itself() -> None:
    asked = request(source=PERSON, **EXIT)
    where = around(lately=(past(asked, ago_s=1),))
    assert reasons(asked, book("2"), around=where) == {"duplicate"}


@pytest.mark.parametrize(("entries", "denied"), [(9, False), (10, True)])
def test_the_eleventh_entry_of_a_minute_is_denied(entries: int, denied: bool) -> None:
    asked = request()
    lately = tuple(past(asked, ago_s=59) for _ in range(entries))
    others = (
        past(asked, ago_s=60),
        past(asked, ago_s=1, side=Side.SELL),
        past(asked, ago_s=1, instrument="USDJPY"),
        past(asked, ago_s=1, is_entry=False),
    )
    assert reasons(asked, around=around(lately=(*lately, *others))) == ({"repeat"} if denied else set())


def test_a_row_says_how_often_is_too_often() -> None:
    asked = request()
    where = around(lately=(past(asked, ago_s=1), past(asked, ago_s=2)))
    rows = [limit("source:*", Metric.REPEATS, hard, Unit.COUNT) for hard in ("3", "20")]
    assert reasons(asked, None, *rows, around=where) == set()
    rows.append(limit("source:agent:*", Metric.REPEATS, "2", Unit.COUNT))
    assert reasons(asked, None, *rows, around=where) == {"repeat"}


def test_a_source_without_a_token_is_throttled_and_exits_are_not() -> None:
    where = around(buckets=EMPTY)
    assert reasons(request(), None, RATE, BURST, around=where) == {"throttled"}
    assert reasons(request(**EXIT), book("1"), RATE, BURST, around=where) == set()
    assert reasons(request(source="enforcement:1"), None, RATE, BURST, around=where) == set()
    assert reasons(request(), around=where) == set()  # no row, no throttle


def test_an_account_has_a_bucket_of_its_own() -> None:
    row = limit("account:paper-1", Metric.MESSAGE_RATE, "2", Unit.PER_SECOND)
    where = around(buckets={"account:paper-1": Bucket(tokens=D(0), filled_at=NOW)})
    assert reasons(request(), None, row, around=where) == {"throttled"}


def test_a_burst_without_a_rate_is_a_missing_limit() -> None:
    asked = request()
    assert reasons(asked, None, BURST) == {"no_limit"}
    assert drawn_buckets(asked, context(asked, None, BURST)) == {}


@pytest.mark.parametrize("rate", ["NaN", "Infinity", "0", "-1"])
def test_a_rate_that_is_no_number_denies_and_draws_nothing(rate: str) -> None:
    asked, row = request(), limit("source:*", Metric.MESSAGE_RATE, rate, Unit.PER_SECOND)
    assert reasons(asked, None, row) == {"check_error:throttle_source"}
    assert drawn_buckets(asked, context(asked, None, row)) == {}


def test_every_attempt_draws_and_an_exit_draws_nothing() -> None:
    asked = request()
    drawn = drawn_buckets(asked, context(asked, None, RATE, BURST, around=around(buckets={})))
    assert drawn == {f"source:{AGENT}": Bucket(tokens=D(2), filled_at=NOW)}
    later = context(asked, None, RATE, BURST, around=around(buckets=EMPTY), now=NOW - timedelta(hours=1))
    assert drawn_buckets(asked, later) == EMPTY  # too few to take one; a step back refills nothing
    leaving = request(**EXIT)
    assert drawn_buckets(leaving, context(leaving, book("1"), RATE, BURST)) == {}


LIMIT, STOP, MARKET = OrderType.LIMIT, OrderType.STOP, OrderType.MARKET
BUY, SELL = Side.BUY, Side.SELL


@pytest.mark.parametrize(
    ("side", "kind", "price", "other", "meets"),
    [
        (BUY, LIMIT, "1.245", resting(SELL, "1.245"), True),
        (BUY, LIMIT, "1.245", resting(SELL, "1.24501"), False),
        (BUY, LIMIT, "1.245", resting(BUY, "1.245"), False),
        (SELL, LIMIT, "1.255", resting(BUY, "1.255"), True),
        (SELL, LIMIT, "1.255", resting(BUY, "1.25499"), False),
        # at the market: up to the ask and three collars of 1 %, down to the bid less as much
        (BUY, MARKET, None, resting(SELL, "1.2875"), True),
        (BUY, MARKET, None, resting(SELL, "1.28752"), False),
        (SELL, MARKET, None, resting(BUY, "1.2125"), True),
        (SELL, MARKET, None, resting(BUY, "1.21248"), False),
        # a market order under way may fill at any price
        (BUY, LIMIT, "1.245", resting(SELL), True),
        (BUY, MARKET, None, resting(SELL), True),
        # a stop that waits is in nobody's book, and may hit what rests there
        (BUY, MARKET, None, resting(SELL, "1.24", order_type=STOP), False),
        (BUY, STOP, "1.26", resting(SELL, "1.24", order_type=STOP), False),
        (BUY, LIMIT, "1.245", resting(SELL, "1.24", order_type=STOP), True),
        (BUY, LIMIT, "1.24", resting(SELL, "1.2475", order_type=STOP), True),
        (BUY, STOP, "1.26", resting(SELL, "1.29"), True),
        (BUY, STOP, "1.26", resting(SELL, "1.30"), False),
        (BUY, MARKET, None, resting(SELL, "1.26", order_type=STOP), True),  # it has been reached
        # reached, it fills as far from the market as any order may, however far behind its own price lies
        (SELL, LIMIT, "1.255", resting(BUY, "1.20", order_type=STOP), True),
        (BUY, LIMIT, "1.245", resting(SELL, "1.30", order_type=STOP), True),
    ],
)
def test_an_entry_does_not_meet_its_owner(
    side: Side, kind: OrderType, price: str | None, other: RestingOrder, meets: bool
) -> None:
    asked = request(side=side, order_type=kind, price=None if price is None else D(price))
    found = reasons(asked, around=around(resting=(other,)))
    assert found == ({"self_trade"} if meets else set())


def test_an_exit_that_could_meet_its_owner_passes_marked() -> None:
    asked = request(**EXIT)
    found = run(asked, context(asked, book("1"), around=around(resting=(resting(BUY),))))
    assert [result.check for result in found if result.found.note == "self_trade"] == ["self_trade"]
    assert not [result for result in found if result.breach]


def overriding(asked: OrderRequest, names: Overridable, **changes: Any) -> dict[str, Any]:
    usual = Override(
        request_id=1,
        check=names.value,
        payload_hash=override_hash(asked),
        expires_at=NOW + timedelta(minutes=15),
        wider=D("0.05"),
    )
    return {"around": around(overrides=(replace(usual, **changes),), buckets=EMPTY), "wall_now": NOW}


def test_an_override_widens_the_collar_of_one_order_and_its_reservation() -> None:
    asked = request(order_type=LIMIT, price=D("1.20"))
    assert reasons(asked) == {"price_band"}
    allowed = overriding(asked, Overridable.COLLAR)
    assert reasons(asked, **allowed) == set()
    assert reasons(replace(asked, signal_key="again"), **allowed) == set()
    assert reasons(replace(asked, price=D("1.19")), **allowed) == {"price_band"}
    at_market = request()
    widened = context(at_market, **overriding(at_market, Overridable.COLLAR))
    assert widened.terms(at_market).exposure == D("1.25001") * D("1.15")


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_at": NOW},
        {"payload_hash": "0" * 64},
        {"check": "gross"},
        {"check": Overridable.THROTTLE.value},
        {"wider": D("0.001")},
    ],
)
def test_an_override_lets_nothing_else_pass(changes: dict[str, Any]) -> None:
    asked = request(order_type=LIMIT, price=D("1.20"))
    assert reasons(asked, **overriding(asked, Overridable.COLLAR, **changes)) == {"price_band"}
    assert reasons(asked, **overriding(asked, Overridable.COLLAR) | {"wall_now": None}) == {"price_band"}


def test_an_override_of_the_throttle_lifts_neither_limits_nor_repeats() -> None:
    asked = request()
    allowed = overriding(asked, Overridable.THROTTLE)
    assert reasons(asked, None, RATE, BURST, **allowed) == set()
    small = limit("account:paper-1", Metric.ORDER_SIZE, "0.5", Unit.LOTS)
    lately = tuple(past(asked, ago_s=1) for _ in range(10))
    allowed["around"] = replace(allowed["around"], lately=lately)
    assert reasons(asked, None, RATE, BURST, small, **allowed) == {"order_size", "repeat"}


@pytest.mark.parametrize(
    "changes",
    [
        {"account": "paper-2"}, {"source": "user:8"}, {"instrument": "USDJPY"}, {"side": SELL},
        {"order_type": STOP}, {"quantity": D("1.01")}, {"price": D("1.21")}, {"stop_loss": D("1.1")},
        {"take_profit": D("1.4")}, {"reduce_only": True}, {"ticket": "7"}, {"risk_share": D("0.01")},
    ],
)  # fmt: skip
def test_the_hash_names_every_term_of_an_order(changes: dict[str, Any]) -> None:
    asked = request(order_type=LIMIT, price=D("1.20"))
    assert override_hash(replace(asked, **changes)) != override_hash(asked)
    same = replace(asked, quantity=D("1.000"), price=D("1.2"), signal_key="other", requested_at=NOW)
    assert override_hash(same) == override_hash(asked)


@pytest.mark.parametrize("at", [At.ACCOUNT, At.SOURCE])
def test_a_bucket_is_asked_for_entries_of_its_own_scope(at: At) -> None:
    """An agent's close that adds to the account is an entry there, and draws the account's token alone."""
    asked = request(**EXIT)
    rows = [
        limit(scope, Metric.MESSAGE_RATE, "1", Unit.PER_SECOND) for scope in ("source:*", "account:paper-1")
    ]
    held = book("0", own="1", orders=[opened(Side.BUY, "1")])
    drawn = drawn_buckets(asked, context(asked, held, *rows))
    assert set(drawn) == {"account:paper-1"}


prices = st.decimals("1.20", "1.30", places=5)


@given(prices, prices, prices)
def test_a_better_price_meets_what_a_worse_one_meets(price: Decimal, more: Decimal, rests: Decimal) -> None:
    low, high = sorted((price, more))
    where = context(request(), around=around(resting=(resting(SELL, str(rests)),)))

    def meets(bid: Decimal) -> bool:
        return bool(self_trade(request(order_type=LIMIT, price=bid), where).reason)

    assert meets(high) or not meets(low)
    assert meets(rests)


@given(prices, st.sampled_from([BUY, SELL]))
def test_a_price_on_the_collar_passes_and_the_least_beyond_is_denied(price: Decimal, side: Side) -> None:
    """Mid is 1.25: the collar of exactly the distance lets the price pass."""
    asked = request(order_type=LIMIT, price=price, side=side)
    share = abs(price - D("1.25")) / D("1.25")
    for collar, denied in ((share, False), (share - D("1e-20"), share > 0)):
        rows = [row for row in WIDE if row.metric is not Metric.COLLAR]
        rows.append(limit("account:paper-1", Metric.COLLAR, str(max(collar, D("1e-25")))))
        found = price_band(asked, context(asked, limits=RiskLimits(tuple(rows))))
        assert bool(found.reason) is denied


@given(st.lists(st.tuples(st.integers(0, 120), st.booleans(), st.booleans()), max_size=25))
def test_only_entries_of_the_minute_and_of_the_same_side_count_as_repeats(
    history: list[tuple[int, bool, bool]],
) -> None:
    asked = request()
    lately = tuple(
        past(asked, ago_s=ago_s, side=BUY if same else SELL, is_entry=enters)
        for ago_s, same, enters in history
    )
    counted = sum(same and enters and ago_s < 60 for ago_s, same, enters in history)
    found = repeat(asked, context(asked, around=around(lately=lately)))
    assert found.value == counted + 1
    assert bool(found.reason) is (counted >= 10)
