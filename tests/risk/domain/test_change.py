"""What needs a second person, and what a request may become."""

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.risk.domain.breaker import LossBase
from apps.risk.domain.change import (
    ChangeEvent,
    ChangeKind,
    ChangeState,
    after,
    digest,
    loosens,
    person,
)
from apps.risk.domain.limits import Limit, Metric, Unit
from apps.risk.errors import NotAPerson, NotOpen
from tests.risk.cast import limit

STEPS = {
    ("open", "approve"): "approved",
    ("open", "reject"): "rejected",
    ("open", "withdraw"): "withdrawn",
    ("open", "expire"): "expired",
}
figures = st.decimals("0.01", "1000", places=2)
rows = st.builds(
    lambda metric, hard, soft: limit("desk", metric, str(hard), soft=soft),
    st.sampled_from([Metric.GROSS, Metric.FREE_MARGIN]),
    figures,
    st.none() | figures,
)


@pytest.mark.parametrize(("state", "event"), list(product(ChangeState, ChangeEvent)))
def test_every_move_of_a_request(state: ChangeState, event: ChangeEvent) -> None:
    expected = STEPS.get((state.value, event.value))
    if expected is None:
        with pytest.raises(NotOpen):
            after(state, event)
    else:
        assert after(state, event).value == expected


def _stops(row: Limit, use: Decimal) -> bool:
    return use < row.hard if row.metric.is_floor else use > row.hard


@given(rows, rows, figures)
def test_what_one_person_may_do_never_lets_anything_pass_that_was_stopped(
    new: Limit, old: Limit, use: Decimal
) -> None:
    new = replace(new, metric=old.metric)
    if _stops(old, use) and not _stops(new, use):
        assert loosens(new, old)


@given(rows, rows)
def test_of_two_versions_one_at_least_loosens_the_other_or_they_are_equal(a: Limit, b: Limit) -> None:
    b = replace(b, metric=a.metric)
    if not loosens(a, b) and not loosens(b, a):
        assert (a.hard, a.soft) == (b.hard, b.soft)


@given(rows)
def test_the_same_again_and_a_first_row_need_nobody_else(row: Limit) -> None:
    assert not loosens(row, row)
    assert not loosens(row, None)


@pytest.mark.parametrize(
    ("metric", "old", "new", "expected"),
    [
        (Metric.GROSS, {"hard": "15"}, {"hard": "14.9999999999"}, False),
        (Metric.GROSS, {"hard": "15"}, {"hard": "15.0000000001"}, True),
        (Metric.FREE_MARGIN, {"hard": "0.2"}, {"hard": "0.1999999999"}, True),
        (Metric.FREE_MARGIN, {"hard": "0.2"}, {"hard": "0.3"}, False),
        (Metric.GROSS, {"hard": "15"}, {"hard": "15", "soft": "12"}, False),
        (Metric.GROSS, {"hard": "15", "soft": "12"}, {"hard": "10"}, True),
        (Metric.GROSS, {"hard": "15", "soft": "12"}, {"hard": "14", "soft": "13"}, True),
        (Metric.GROSS, {"hard": "15"}, {"hard": "1", "unit": Unit.EQUITY}, True),
        (Metric.LOSS_HALTED, {"hard": "0.1"}, {"hard": "0.1", "loss_base": LossBase.INITIAL}, True),
    ],
)
def test_direction_soft_limit_unit_and_base_count(
    metric: Metric, old: dict[str, object], new: dict[str, object], expected: bool
) -> None:
    def row(values: dict[str, object]) -> Limit:
        soft = values.get("soft")
        rest = {name: value for name, value in values.items() if name not in {"hard", "soft"}}
        made = limit("desk", metric, str(values["hard"]), soft=Decimal(str(soft)) if soft else None)
        return replace(made, **rest)  # type: ignore[arg-type]

    assert loosens(row(new), row(old)) is expected


@pytest.mark.parametrize(
    ("metric", "hard", "expected"),
    [
        (Metric.LOSS_HALTED, "0.15", False),
        (Metric.LOSS_HALTED, "0.1500000001", True),
        (Metric.LOSS_WARNING, "0.06", True),
        (Metric.GROSS, "1000", False),
    ],
)
def test_a_first_row_that_takes_the_place_of_a_default_may_not_be_looser(
    metric: Metric, hard: str, expected: bool
) -> None:
    assert loosens(limit("desk", metric, hard, Unit.SHARE), None) is expected


RATE = limit("source:*", Metric.MESSAGE_RATE, "2")
BURST = limit("source:*", Metric.MESSAGE_BURST, "200")
REPEATS = limit("desk", Metric.REPEATS, "50")


@pytest.mark.parametrize(
    ("metric", "hard", "beside", "expected"),
    [
        (Metric.REPEATS, "10", [], False),
        (Metric.REPEATS, "11", [], True),
        (Metric.REPEATS, "11", [REPEATS], False),  # a bound beside the one that holds for all
        (Metric.REPEATS, "11", [replace(REPEATS, instrument="USDJPY")], True),
        (Metric.REPEATS, "11", [replace(REPEATS, scope="account:other")], True),
        (Metric.MESSAGE_BURST, "2", [RATE], False),
        (Metric.MESSAGE_BURST, "3", [RATE], True),
        (Metric.MESSAGE_BURST, "2", [RATE, replace(RATE, scope="source:user:7", hard=Decimal(1))], True),
        (Metric.MESSAGE_BURST, "3", [RATE, BURST], False),
        (Metric.MESSAGE_BURST, "3", [], False),  # without a rate nothing passes before or after
        (Metric.LOSS_HALTED, "0.16", [limit("source:*", Metric.LOSS_HALTED, "0.5")], False),
    ],
)
def test_a_first_row_is_compared_with_what_counted_without_it(
    metric: Metric, hard: str, beside: list[Limit], expected: bool
) -> None:
    assert loosens(limit("source:user:*", metric, hard), None, beside=beside) is expected


def test_a_hash_names_kind_and_payload_and_not_the_order_of_keys() -> None:
    found = digest(ChangeKind.CLASS, {"instrument": "EURUSD", "kind": "fx_major"})
    assert found == digest(ChangeKind.CLASS, {"kind": "fx_major", "instrument": "EURUSD"})
    assert found != digest(ChangeKind.CLASS, {"kind": "fx_minor", "instrument": "EURUSD"})
    assert found != digest(ChangeKind.PERMISSION, {"instrument": "EURUSD", "kind": "fx_major"})


def test_a_person_is_one_user_id_under_whatever_name() -> None:
    assert person("user:7 (anna)") == person("user:7") == "user:7"


@pytest.mark.parametrize(
    "source", ["", "desk", "agent:x", "user:", "user:0", "user:07", "user:7x", "token:a"]
)
def test_nobody_else_decides(source: str) -> None:
    with pytest.raises(NotAPerson):
        person(source)
