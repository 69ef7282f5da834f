from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.domain.chain import link
from apps.portfolio.domain.order import Side, client_order_id, venue_number

INTENT: dict[str, Any] = {"deployment": "run-1", "source": "agent:a", "signal_key": "s", "leg": 0}
ENTRY: dict[str, Any] = {
    "prev_hash": "",
    "chain": "account:paper-1",
    "sequence": 1,
    "kind": "order.filled",
    "subject": "a1",
    "payload": {"b": "1", "a": "2"},
    "written_at": datetime(2026, 1, 5, tzinfo=UTC),
}


def test_i1_the_same_intent_always_has_the_same_name() -> None:
    assert client_order_id(**INTENT) == client_order_id(**INTENT) == "30866bc5fae172477872454f"


@pytest.mark.parametrize(
    "change", [{"deployment": "run-2"}, {"source": "agent:b"}, {"signal_key": "t"}, {"leg": 1}]
)
def test_another_intent_has_another_name(change: dict[str, Any]) -> None:
    assert client_order_id(**INTENT | change) != client_order_id(**INTENT)


def test_parts_of_an_intent_cannot_run_into_each_other() -> None:
    one = client_order_id(deployment="a", source="bc", signal_key="d", leg=0)
    assert one != client_order_id(deployment="ab", source="c", signal_key="d", leg=0)


@given(st.text(), st.integers(0, 9))
def test_the_number_is_positive_and_fits_63_bits(key: str, leg: int) -> None:
    order_id = client_order_id(deployment="run-1", source="agent:a", signal_key=key, leg=leg)
    assert len(order_id) == 24
    assert 0 <= venue_number(order_id) < 2**63


def test_sides_are_opposites() -> None:
    assert [side.opposite for side in Side] == [Side.SELL, Side.BUY]
    assert [Side.of(Decimal(side.sign)) for side in Side] == list(Side)


def test_a_link_does_not_depend_on_the_order_of_keys() -> None:
    assert link(**ENTRY) == link(**ENTRY | {"payload": {"a": "2", "b": "1"}})


@pytest.mark.parametrize(
    "change", [{"prev_hash": "x"}, {"sequence": 2}, {"payload": {"a": "3"}}, {"subject": "b"}]
)
def test_a_link_covers_everything(change: dict[str, Any]) -> None:
    assert link(**ENTRY | change) != link(**ENTRY)
