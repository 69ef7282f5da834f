"""Logging in and out of the web app."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.site import rows, schema
from tests.site.conftest import PASSWORD

SESSION = "/api/v1/session/"


@pytest.fixture
def browser(cast: dict[str, User]) -> Client:
    """A browser that is held to CSRF, as real ones are."""
    return Client(enforce_csrf_checks=True)


def _sign_in(browser: Client, name: str, password: str) -> int:
    token = browser.get(SESSION).json()["csrf_token"]
    given = {"username": name, "password": password}
    answer = browser.post(SESSION, given, content_type="application/json", headers={"X-CSRFToken": token})
    return answer.status_code


def test_nobody_is_signed_in_at_first(browser: Client) -> None:
    body = browser.get(SESSION).json()
    assert schema.component_faults(body, "Session") == []
    assert (body["user"], body["rights"], body["accounts"]) == (None, [], [])


def test_a_trader_signs_in_and_is_told_what_may_be_done(browser: Client, desk: rows.Desk) -> None:
    assert _sign_in(browser, "trader", PASSWORD) == 200
    body = browser.get(SESSION).json()
    assert schema.component_faults(body, "Session") == []
    assert body["user"]["username"] == "trader"
    assert body["password_fresh"]
    assert "order.send" in body["rights"]
    assert "order.send" in body["accounts"][0]["rights"]
    assert "agent.pause" in body["agents_rights"][desk.agent.slug]
    assert "agent.resume" not in body["agents_rights"][desk.agent.slug]


def test_a_wrong_password_is_a_401_problem(browser: Client) -> None:
    token = browser.get(SESSION).json()["csrf_token"]
    given = {"username": "trader", "password": "not this one"}
    answer = browser.post(SESSION, given, content_type="application/json", headers={"X-CSRFToken": token})
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/wrong-password"
    assert browser.get(SESSION).json()["user"] is None


def test_a_login_that_another_page_sends_is_refused(browser: Client) -> None:
    given = {"username": "trader", "password": PASSWORD}
    answer = browser.post(SESSION, given, content_type="application/json")
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["detail"]


def test_signing_out_ends_the_session(browser: Client) -> None:
    assert _sign_in(browser, "viewer", PASSWORD) == 200
    token = browser.get(SESSION).json()["csrf_token"]
    assert browser.delete(SESSION, headers={"X-CSRFToken": token}).status_code == 204
    assert browser.get("/api/v1/accounts/").status_code == 401


@pytest.mark.parametrize(("password", "status"), [(PASSWORD, 204), ("not this one", 403)])
def test_the_password_is_proven_once_more(
    password: str, status: int, sign_in: Callable[[str], Client]
) -> None:
    browser = sign_in("risk")
    answer = browser.post(f"{SESSION}password/", {"password": password}, content_type="application/json")
    assert answer.status_code == status
    assert browser.get(SESSION).json()["password_fresh"] is (status == 204)


def test_who_holds_no_role_may_sign_in_and_read_nothing(browser: Client) -> None:
    User.objects.create_user("guest", password=PASSWORD)
    assert _sign_in(browser, "guest", PASSWORD) == 200
    assert browser.get(SESSION).json()["roles"] == []
    assert browser.get("/api/v1/instruments/").status_code == 403
