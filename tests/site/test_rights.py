"""Who may see and do what: the table as people would write it down, against the pages themselves."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from apps.edges import rights
from tests.site import rows

EVERYBODY = ("viewer", "trader", "quant", "risk", "risk_approver", "ops", "admin")
# right: who holds it
TABLE = {
    "account.view": EVERYBODY,
    "agent.view": EVERYBODY,
    "order.send": ("trader", "admin"),
    "order.cancel": ("trader", "risk", "ops", "admin"),
    "position.close": ("trader", "risk", "admin"),
    "desk.halt": ("trader", "risk", "risk_approver", "ops", "admin"),
    "breaker.trip": ("trader", "risk", "risk_approver", "ops", "admin"),
    "breaker.reset": ("risk",),
    "agent.pause": ("trader", "quant", "risk", "ops", "admin"),
    "agent.resume": ("quant", "risk", "admin"),
    "agent.train": ("quant", "admin"),
    "agent.deploy": ("quant", "admin"),
    "limit.tighten": ("risk", "admin"),
    "change.propose": ("risk", "risk_approver"),
    "change.approve": ("risk_approver",),
    "change.withdraw": ("trader", "risk", "risk_approver"),
    "override.propose": ("trader", "risk", "risk_approver"),
    "instrument.restrict": ("risk", "admin"),
    "sizing.change": ("risk",),
    "alert.acknowledge": ("trader", "quant", "risk", "ops", "admin"),
    "connection.disable": ("trader", "risk", "ops", "admin"),
    "connection.enable": ("risk", "ops", "admin"),
    "rights.change": ("admin",),
}
# the dialog of an action: its right, and the object it stands on
DIALOGS = {
    "admin:risk_breakerstate_trip": ("breaker.trip", "breaker"),
    "admin:risk_breakerstate_reset": ("breaker.reset", "breaker"),
    "admin:risk_risklimit_tighten": ("limit.tighten", "limit"),
    "admin:risk_risklimit_propose": ("change.propose", "limit"),
    "admin:risk_risklimit_propose_end": ("change.propose", "limit"),
    "admin:risk_changerequest_approve": ("change.approve", "change"),
    "admin:risk_changerequest_reject": ("change.approve", "change"),
    "admin:risk_instrumentpermission_withdraw": ("instrument.restrict", "permission"),
    "admin:risk_restrictedinstrument_propose_end": ("change.propose", "restricted"),
    "admin:risk_alert_acknowledge": ("alert.acknowledge", "alert"),
    "admin:agents_agent_train": ("agent.train", "agent"),
    "admin:agents_agent_pause": ("agent.pause", "agent"),
    "admin:agents_agent_resume": ("agent.resume", "agent"),
}


def test_the_table_names_every_right() -> None:
    assert set(TABLE) == set(rights.RIGHTS)


@pytest.mark.parametrize("right", TABLE)
def test_each_right_is_held_by_the_roles_of_the_table(right: str, cast: dict[str, User]) -> None:
    assert tuple(name for name in EVERYBODY if rights.may(cast[name], right)) == TABLE[right]


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_opens_for_those_who_hold_its_right_and_nobody_else(
    name: str, sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    right, kind = DIALOGS[name]
    page = reverse(name, args=(getattr(desk, kind).pk,))
    opened = tuple(person for person in EVERYBODY if sign_in(person).get(page).status_code == 200)
    assert opened == TABLE[right]


def test_a_former_member_of_staff_holds_nothing(cast: dict[str, User]) -> None:
    person = cast["risk"]
    person.is_active = False
    assert not any(rights.may(person, right) for right in rights.RIGHTS)


def test_only_the_administrator_reaches_users(sign_in: Callable[[str], Client]) -> None:
    page = reverse("admin:auth_user_changelist")
    assert [person for person in EVERYBODY if sign_in(person).get(page).status_code == 200] == ["admin"]


def test_nobody_sees_the_desk_without_signing_in(client: Client, db: None) -> None:
    for name in ("admin:index", "admin:desk", "admin:portfolio_order_changelist"):
        answer = client.get(reverse(name))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("admin:login"))
