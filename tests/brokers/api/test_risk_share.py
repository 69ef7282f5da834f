"""A person who asks for a share of equity at risk, and not for lots."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.portfolio.models import Order
from tests.brokers.api.conftest import Browser
from tests.risk.desk import ACCOUNT, Desk

SignIn = Callable[..., Browser]


def ticket(**changes: Any) -> dict[str, Any]:
    return {
        "account": ACCOUNT, "instrument": "EURUSD", "side": "buy", "type": "market", "risk_share": "0.001",
        "stop_loss": "1.24000",
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "lots"),
    [
        ({}, "0.1"),  # 100 of 100,000 USD at 1,000 USD a lot
        ({"risk_share": "0.0019"}, "0.19"),
        ({"quantity": "0.05"}, "0.05"),  # at most
        ({"risk_share": "0.5"}, "1"),  # the rule's own 1 %
    ],
)
def test_the_lots_follow_from_the_stop(
    desk: Desk, sign_in: SignIn, changes: dict[str, Any], lots: str
) -> None:
    trader = sign_in("trader")
    assert trader.post("orders/preview/", ticket(**changes), key="").json()["quantity"] == lots
    answer = trader.post("orders/", ticket(**changes))
    assert answer.status_code == 201, answer.content
    assert answer.json()["quantity"] == lots


@pytest.mark.parametrize(
    ("changes", "pointer", "says"),
    [
        ({"risk_share": None}, "/quantity", "how much to risk"),
        ({"risk_share": "0"}, "/risk_share", "above 0"),
        ({"risk_share": "1.5"}, "/risk_share", "at most at 1"),
        ({"risk_share": 0.01}, "/risk_share", "as text"),
        ({"stop_loss": None}, "/stop_loss", "needs a stop loss"),
        ({"reduce_only": True}, "/risk_share", "number of lots"),
    ],
)
def test_a_share_that_cannot_be_meant_names_the_member_that_is_wrong(
    desk: Desk, sign_in: SignIn, changes: dict[str, Any], pointer: str, says: str
) -> None:
    answer = sign_in("trader").post("orders/", ticket(**changes))
    assert answer.status_code == 400, answer.content
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert says in fault["detail"]
    assert not Order.objects.exists()
