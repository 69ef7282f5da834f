"""HALT over REST: who may, what it takes, and that it is felt at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from apps.portfolio import ledger
from apps.risk import breakers
from apps.risk.models import BreakerEvent
from mtquant_site import roles
from tests.risk.desk import ACCOUNT, Desk

PASSWORD = "a long enough password"
REASON = "the venue's prices make no sense"
Halt = Callable[..., Any]


@pytest.fixture
def halt(desk: Desk) -> Halt:
    """Ask for a halt as somebody of a role."""
    roles.ensure_roles()
    roles.ensure_object_rights()

    def ask(role: str = "trader", *, key: str = "halt-it-now", name: str = "", **changes: Any) -> Any:
        user, made = User.objects.get_or_create(
            username=name or role, is_staff=True, is_superuser=role == "admin"
        )
        if made:
            user.set_password(PASSWORD)
            user.save()
            user.groups.set(Group.objects.filter(name=role))
        browser = Client()
        browser.force_login(user)
        body = {"scope": "desk", "reason": REASON, "word": "HALT", "password": PASSWORD} | changes
        body = {name: value for name, value in body.items() if value is not None}
        headers = {"Idempotency-Key": key} if key else {}
        return browser.post("/api/v1/risk/halt/", body, content_type="application/json", headers=headers)

    return ask


@pytest.mark.parametrize("scope", ["desk", f"account:{ACCOUNT}"])
def test_a_halt_is_level_three_with_the_persons_name_and_reason(desk: Desk, halt: Halt, scope: str) -> None:
    answer = halt(scope=scope)
    assert answer.status_code == 200, answer.content
    assert (answer.json()["scope"], answer.json()["level"], answer.json()["cause"]) == (scope, 3, REASON)
    assert BreakerEvent.objects.get(scope=scope, kind="tripped").by.endswith("(trader)")
    assert desk.reasons() == {"breaker_halted"}


def test_the_longest_name_halts_as_well_as_any(halt: Halt) -> None:
    answer = halt(name="n" * 150)
    assert (answer.status_code, answer.json()["level"]) == (200, 3)
    by = BreakerEvent.objects.get(kind="tripped").by
    assert by.startswith(f"user:{User.objects.get().pk} (nnn")
    assert by.endswith("n…)")


def test_it_may_be_asked_again(halt: Halt) -> None:
    assert halt().json() == halt().json()
    assert BreakerEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "kind"),
    [
        ({"word": "halt"}, 400, "invalid"),
        ({"reason": "because"}, 400, "invalid"),
        ({"scope": "agent:trend"}, 400, "invalid"),
        ({"scope": "account:nobody"}, 404, "not-found"),
        ({"password": "not it at all"}, 403, "password-needed"),
        ({"password": None}, 403, "password-needed"),
        ({"key": ""}, 400, "idempotency-key-missing"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_halted(
    halt: Halt, changes: dict[str, Any], status: int, kind: str
) -> None:
    answer = halt(**changes)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}")
    assert breakers.state("desk").level == 0


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("viewer", 403), ("trader", 200), ("quant", 403), ("risk", 200),
        ("risk_approver", 200), ("ops", 200), ("admin", 200),
    ],
)  # fmt: skip
def test_who_may_halt(halt: Halt, role: str, status: int) -> None:
    assert halt(role).status_code == status
    assert halt(role, scope=f"account:{ACCOUNT}", key="halt-account").status_code == status


def test_an_account_with_capitals_in_its_name_is_halted_too(desk: Desk, halt: Halt) -> None:
    ledger.open_account(slug="Fund-A", currency="USD")
    roles.ensure_object_rights()
    assert halt(scope="account:Fund-A").json()["level"] == 3
