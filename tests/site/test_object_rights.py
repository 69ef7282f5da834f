"""Rights on single accounts and agents: in the admin, over REST, and given or taken by an administrator."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
import redis
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from apps.agents.models import Agent
from apps.broadcast import bell
from apps.edges import grants, rights
from apps.portfolio.models import Account
from apps.risk import alerts
from mtquant_site import roles
from tests.site import rows

API = "/api/v1"
WITHOUT_ROLES = {
    "username": "trader", "is_staff": "on", "is_active": "on", "date_joined_0": "2026-01-06",
    "date_joined_1": "03:12:00",
}  # fmt: skip
REASON = "moved to another book of the desk"


@pytest.fixture
def other(desk: rows.Desk) -> Account:
    """An account that only the role risk may see."""
    account = Account.objects.create(slug="other-1", name="Other", currency="EUR", cash=Decimal(1))
    grants.give(Group.objects.get(name="risk"), "view_account", kind="account", slug="other-1")
    return account


@pytest.fixture
def heard(valkey: str) -> Iterator[Callable[[], list[str]]]:
    """The keys for which the bell of rights rang."""
    with redis.Redis.from_url(valkey, decode_responses=True) as client, client.pubsub() as ear:
        ear.subscribe(bell.channel(grants.TOPIC))
        assert ear.get_message(timeout=5) is not None

        def keys() -> list[str]:
            found = []
            while said := ear.get_message(timeout=0.2):
                found.append(json.loads(said["data"])["key"])
            return found

        yield keys


def test_an_account_is_there_only_for_those_who_may_see_it(
    sign_in: Callable[[str], Client], other: Account
) -> None:
    def seen(name: str) -> list[str]:
        return [account["slug"] for account in sign_in(name).get(f"{API}/accounts/").json()]

    assert seen("viewer") == ["paper-1"]
    assert seen("risk") == seen("admin") == ["other-1", "paper-1"]


def test_an_alert_is_there_only_for_those_who_may_see_what_it_tells_of(
    sign_in: Callable[[str], Client], other: Account
) -> None:
    text = "other-1: cash at the venue is off"
    alerts.raise_alert(level="critical", rule="test", scope="account:other-1", text=text, key="k")

    def seen(name: str) -> list[bool]:
        client = sign_in(name)
        pages = (f"{API}/alerts/", reverse("admin:risk_alert_changelist"), reverse("admin:index"))
        return [text in client.get(page).content.decode() for page in pages]

    assert seen("viewer") == [False, False, False]
    assert seen("risk") == [True, True, True]


@pytest.mark.parametrize(
    "path", ["accounts/other-1/", "orders/?account=other-1", "positions/?account=other-1"]
)
def test_what_is_hidden_cannot_be_told_from_what_is_not(
    path: str, sign_in: Callable[[str], Client], other: Account
) -> None:
    assert sign_in("viewer").get(f"{API}/{path}").status_code == 404
    assert sign_in("viewer").get(f"{API}/{path.replace('other-1', 'no-such')}").status_code == 404
    assert sign_in("risk").get(f"{API}/{path}").status_code == 200


def test_orders_of_a_hidden_account_are_in_no_list(sign_in: Callable[[str], Client], desk: rows.Desk) -> None:
    viewers = Group.objects.get(name="viewer")
    grants.revoke(viewers, "view_account", kind="account", slug="paper-1")
    browser = sign_in("viewer")
    assert browser.get(f"{API}/orders/").json()["results"] == []
    assert browser.get(f"{API}/orders/{desk.order.client_order_id}/").status_code == 404
    assert browser.get(reverse("admin:portfolio_order_changelist")).context["cl"].result_list.count() == 0
    assert "98,500.00" not in browser.get(reverse("admin:index")).content.decode()


def test_a_right_needs_both_the_role_and_the_object(cast: dict[str, User], desk: rows.Desk) -> None:
    trader = cast["trader"]
    assert rights.may(trader, "order.send", account="paper-1")
    assert not rights.may(cast["viewer"], "order.send", account="paper-1")
    grants.revoke(Group.objects.get(name="trader"), "trade_account", kind="account", slug="paper-1")
    again = User.objects.get(pk=trader.pk)
    assert not rights.may(again, "order.send", account="paper-1")
    assert rights.may(again, "account.view", account="paper-1")


def test_who_may_not_operate_an_agent_cannot_pause_it_in_the_admin(
    sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    grants.revoke(Group.objects.get(name="trader"), "operate_agent", kind="agent", slug=desk.agent.slug)
    pause = reverse("admin:agents_agent_pause", args=(desk.agent.pk,))
    assert sign_in("trader").get(pause).status_code == 403
    other = Agent.objects.exclude(pk=desk.agent.pk).first()
    assert other is not None
    assert sign_in("trader").get(reverse("admin:agents_agent_pause", args=(other.pk,))).status_code == 200


def test_what_was_taken_from_a_role_is_not_given_back_at_the_next_start(
    cast: dict[str, User], desk: rows.Desk
) -> None:
    grants.revoke(Group.objects.get(name="viewer"), "view_account", kind="account", slug="paper-1")
    assert roles.ensure_object_rights() == 0
    assert rights.visible(cast["viewer"], rights.ACCOUNT) == set()


def test_a_new_account_gets_the_usual_rights(cast: dict[str, User], desk: rows.Desk) -> None:
    Account.objects.create(slug="new-1", name="New", currency="USD")
    assert grants.seed(rights.ACCOUNT, ["new-1"]) == 1
    assert rights.may(cast["trader"], "order.send", account="new-1")
    assert rights.may(cast["viewer"], "account.view", account="new-1")


def test_the_administrator_takes_a_right_with_a_reason_and_the_bell_rings_for_its_holder(
    sign_in: Callable[[str], Client],
    cast: dict[str, User],
    desk: rows.Desk,
    heard: Callable[[], list[str]],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    page = reverse("admin:portfolio_account_account_rights", args=(desk.account.pk,))
    asked = {"who": "role:trader", "right": "trade_account", "way": "take", "reason": REASON}
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        answer = sign_in("admin").post(
            page, {"_form_submitted": "True", **asked}, headers={"HX-Request": "true"}
        )
    assert answer.has_header("HX-Redirect"), answer.content
    assert not rights.may(cast["trader"], "order.send", account="paper-1")
    assert heard() == [str(cast["trader"].pk)]
    assert REASON in LogEntry.objects.get().change_message


def test_only_the_administrator_changes_rights(sign_in: Callable[[str], Client], desk: rows.Desk) -> None:
    page = reverse("admin:agents_agent_agent_rights", args=(desk.agent.pk,))
    assert [
        name for name in ("viewer", "risk", "ops", "admin") if sign_in(name).get(page).status_code == 200
    ] == ["admin"]


def test_a_user_who_is_changed_in_the_admin_is_told(
    sign_in: Callable[[str], Client],
    cast: dict[str, User],
    heard: Callable[[], list[str]],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    trader = cast["trader"]
    page = reverse("admin:auth_user_change", args=(trader.pk,))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        answer = sign_in("admin").post(page, WITHOUT_ROLES)
    assert answer.status_code == 302, answer.content
    assert not rights.roles_of(User.objects.get(pk=trader.pk))
    assert heard() == [str(trader.pk)]


def test_a_user_whose_password_was_changed_in_the_admin_is_told(
    sign_in: Callable[[str], Client],
    cast: dict[str, User],
    heard: Callable[[], list[str]],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    trader = cast["trader"]
    page = reverse("admin:auth_user_password_change", args=(trader.pk,))
    new = {"password1": "another long password", "password2": "another long password"}
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        answer = sign_in("admin").post(page, new | {"usable_password": "true"})
    assert answer.status_code == 302, answer.content
    assert heard() == [str(trader.pk)]
