"""Limits with their use, denials, a review and risk's figures over REST, as far as one may see them."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from apps.edges import grants, rights
from apps.portfolio.models import Position
from apps.risk.models import RiskGauge, RiskLimit
from tests.site import rows, schema

API = "/api/v1"
SignIn = Callable[[str], Client]


def _read(browser: Client, path: str, status: int = 200) -> Any:
    answer = browser.get(f"{API}/{path}")
    assert answer.status_code == status, answer.content
    return answer.json()


@pytest.fixture
def held(desk: rows.Desk) -> RiskLimit:
    """Half a lot is held of two allowed."""
    Position.objects.create(account=desk.account, instrument="EURUSD", source="", quantity=Decimal("0.5"))
    return RiskLimit.objects.create(
        scope="account:paper-1", metric="position", soft=Decimal("0.25"), hard=Decimal(2), unit="lots",
        reason="test", changed_by="desk",
    )  # fmt: skip


@pytest.fixture
def gauge(db: None) -> RiskGauge:
    now = datetime.now(UTC)
    return RiskGauge.objects.create(
        scope="account:paper-1", number=7, currency="USD", equity=Decimal(98_500), sigma=Decimal("412.5"),
        var=Decimal("959.62"), marks_good=True, desk_at=now, measured_at=now, figured_at=now,
        fault="es: no covariance",
        figures={
            "days": 250, "var": {"historical": "1001.5", "normal": ""}, "es": {"historical": "1200"},
            "factors": {"currency|EUR": "54130"}, "instruments": {"EURUSD": "54130"},
            "correlation": {"names": ["EUR", "JPY"], "rows": [[1.0, -0.4], [-0.4, 1.0]]},
        },
    )  # fmt: skip


def test_limits_tell_their_use_as_the_schema_says(sign_in: SignIn, held: RiskLimit, valkey: str) -> None:
    found = _read(sign_in("viewer"), "limits/?metric=position")
    assert schema.faults(found, f"{API}/limits/") == []
    (row,) = (row for row in found if row["scope"] == "account:paper-1")
    assert (row["used"], row["hard"], row["left"], row["share"]) == ("0.5", "2", "1.5", 0.25)
    assert (row["is_soft"], row["is_over"], row["at"]) == (True, False, "EURUSD")


def test_of_an_account_are_its_own_limits_the_desks_and_ones_own(
    sign_in: SignIn, cast: dict[str, User], held: RiskLimit, valkey: str
) -> None:
    scopes = {row["scope"] for row in _read(sign_in("trader"), "limits/?account=paper-1")}
    assert scopes <= {"desk", "account:paper-1", f"source:user:{cast['trader'].pk}"}
    assert "account:paper-1" in scopes


@pytest.mark.parametrize(
    "path", ["limits/?account=paper-1", "limits/?scope=account:paper-1", "risk/account:paper-1/"]
)
def test_what_is_hidden_is_not_there(
    path: str, sign_in: SignIn, held: RiskLimit, gauge: RiskGauge, valkey: str
) -> None:
    grants.revoke(Group.objects.get(name="viewer"), "view_account", kind="account", slug="paper-1")
    _read(sign_in("viewer"), path, 404)
    _read(sign_in("risk"), path)


def test_a_scope_with_a_zero_byte_is_not_there(sign_in: SignIn, gauge: RiskGauge, valkey: str) -> None:
    _read(sign_in("risk"), "risk/desk%00/", 404)


def test_a_persons_own_source_is_seen_by_that_person_and_by_who_watches_risk(
    cast: dict[str, User], desk: rows.Desk
) -> None:
    trader, own = cast["trader"], f"source:user:{cast['trader'].pk}"
    assert [rights.sees(cast[name], own) for name in ("viewer", "risk", "admin")] == [False, True, True]
    assert rights.sees(trader, own)
    assert rights.sees(trader, f"source:{desk.agent.source}")


def test_denials_are_counted_by_check(sign_in: SignIn, desk: rows.Desk) -> None:
    found = _read(sign_in("viewer"), "denials/?account=paper-1")
    assert schema.faults(found, f"{API}/denials/") == []
    (row,) = found
    assert row["check"] == "gross"
    assert row["count"] == sum(row["sources"].values()) == sum(row["instruments"].values())


def test_a_review_is_whole_and_only_for_those_who_see_its_account(sign_in: SignIn, desk: rows.Desk) -> None:
    path = f"reviews/{desk.review.pk}/"
    body = _read(sign_in("viewer"), path)
    assert schema.faults(body, f"{API}/reviews/{{review_id}}/") == []
    assert (body["verdict"], body["checks"][0]["value"]) == ("denied", "1203000")
    grants.revoke(Group.objects.get(name="viewer"), "view_account", kind="account", slug="paper-1")
    _read(sign_in("viewer"), path, 404)


def test_figures_of_risk_say_what_is_missing_and_why(
    sign_in: SignIn, desk: rows.Desk, gauge: RiskGauge
) -> None:
    (body,) = _read(sign_in("viewer"), "risk/")
    assert schema.faults([body], f"{API}/risk/") == []
    assert (body["var"], body["es"], body["missing"]) == ("959.62", None, "es: no covariance")
    assert {"method": "normal", "var": None, "es": None} in body["methods"]
    assert body["exposures"] == [{"of": "currency", "name": "EUR", "amount": "54130"}]
    assert _read(sign_in("viewer"), "risk/account:paper-1/") == body


def test_a_scope_that_was_never_measured_is_not_nought(sign_in: SignIn, desk: rows.Desk) -> None:
    assert "Nothing was measured" in _read(sign_in("viewer"), "risk/desk/", 404)["detail"]
