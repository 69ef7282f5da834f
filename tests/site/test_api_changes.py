"""Changes over REST: proposed by one person, decided on by another, each sent once."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apps.edges import grants, rights
from apps.risk.models import ChangeRequest, RiskLimit
from tests.site import rows
from tests.site.conftest import PASSWORD

API = "/api/v1/changes/"
REASON = "more room is needed"
SignIn = Callable[[str], Client]
_keys = count(1)
pytestmark = pytest.mark.usefixtures("valkey")


def _post(browser: Client, path: str, key: str = "", **body: Any) -> Any:
    headers = {"Idempotency-Key": key or f"changes-{next(_keys)}"}
    return browser.post(f"{API}{path}", body, content_type="application/json", headers=headers)


def _propose(browser: Client, key: str = "", **limit: str) -> Any:
    payload = {"scope": "account:paper-1", "metric": "gross", "hard": "30", "unit": "equity"} | limit
    return _post(browser, "", key, kind="limit", payload=payload, reason=REASON)


def _approve(browser: Client, change: Any, **more: str) -> Any:
    body = {"reason": REASON, "password": PASSWORD, "payload_hash": change["payload_hash"]} | more
    return _post(browser, f"{change['id']}/approve/", **body)


@pytest.fixture
def waiting(desk: rows.Desk, sign_in: SignIn) -> Any:
    """What risk proposed: another limit for net, of which no other request waits."""
    answer = _propose(sign_in("risk"), metric="net")
    assert answer.status_code == 201
    assert answer["Location"] == f"{API}{answer.json()['id']}/"
    return answer.json()


def test_a_change_is_proposed_by_one_and_approved_by_another(waiting: Any, sign_in: SignIn) -> None:
    before = RiskLimit.objects.filter(scope="account:paper-1", metric="net").exists()
    answer = _approve(sign_in("risk_approver"), waiting)
    assert (answer.status_code, answer.json()["state"], before) == (200, "approved", False)
    assert RiskLimit.objects.get(scope="account:paper-1", metric="net").hard == 30


def test_its_maker_is_refused(desk: rows.Desk, sign_in: SignIn) -> None:
    browser = sign_in("risk_approver")
    made = _propose(browser, metric="net").json()
    answers = [_approve(browser, made), _post(browser, f"{made['id']}/reject/", reason=REASON)]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert _post(browser, f"{made['id']}/withdraw/", reason=REASON).json()["state"] == "withdrawn"


@pytest.mark.parametrize("person", ["viewer", "trader", "quant", "risk", "ops", "admin"])
def test_nobody_else_approves(person: str, waiting: Any, sign_in: SignIn) -> None:
    assert _approve(sign_in(person), waiting).status_code == 403


def test_an_approval_wants_a_fresh_password_and_the_hash_of_what_was_seen(
    waiting: Any, sign_in: SignIn
) -> None:
    browser = sign_in("risk_approver")
    wrong = _approve(browser, waiting, password="not it at all")
    other = _approve(browser, waiting, payload_hash="0" * 64)
    assert (wrong.status_code, wrong.json()["type"]) == (403, "/problems/password-needed")
    assert (other.status_code, other.json()["type"]) == (412, "/problems/stale")
    assert ChangeRequest.objects.get(pk=waiting["id"]).state == "open"


def test_the_same_key_proposes_once(desk: rows.Desk, sign_in: SignIn) -> None:
    browser = sign_in("risk")
    first, again = (_propose(browser, "the-very-same-key", metric="net") for _ in range(2))
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"


def test_a_second_request_on_the_same_subject_is_a_conflict(waiting: Any, sign_in: SignIn) -> None:
    assert _propose(sign_in("risk"), metric="net", hard="40").status_code == 409


def test_a_decided_request_is_a_conflict(waiting: Any, sign_in: SignIn) -> None:
    browser = sign_in("risk_approver")
    assert _post(browser, f"{waiting['id']}/reject/", reason=REASON).status_code == 200
    assert _approve(browser, waiting).status_code == 409


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("limit", {"scope": "account:paper-1", "metric": "net", "hard": "NaN", "unit": "equity"}),
        ("limit", {"scope": "account:paper-1", "metric": "net", "hard": "3"}),
        ("limit", {"scope": "nobody", "metric": "net", "hard": "3", "unit": "equity"}),
        ("limit", {"scope": "desk", "metric": "luck", "hard": "3", "unit": "equity"}),
        ("limit", {"scope": "desk", "metric": "net", "hard": "9" * 40, "unit": "equity"}),
        ("limit", {"scope": "desk", "metric": "net", "hard": ["3"], "unit": {}}),
        ("limit", {"scope": "account:\0", "metric": "net", "hard": "3", "unit": "equity"}),
        ("limit", {"scope": f"account:{'x' * 200}", "metric": "net", "hard": "3", "unit": "equity"}),
        ("limit", {"scope": "desk", "metric": "gross", "hard": "3", "unit": "equity", "currency": "EUR"}),
        ("limit", {"scope": "desk", "metric": "net", "hard": "3", "unit": "equity", "currency": "€"}),
        ("limit", {"scope": "desk", "metric": "net", "hard": "3", "unit": "lots"}),
        ("limit_end", {"scope": "desk", "metric": "net"}),
        ("permission", {"source": f"agent:{'x' * 200}", "instrument": "EURUSD"}),
        ("permission", {"source": "every*body", "instrument": "EURUSD"}),
        ("class", {"instrument": "EURUSD", "kind": "cheese"}),
        ("pack", {"account": "paper-1", "pack": "none"}),
        ("pack", {"account": "nobody", "pack": "professional"}),
        ("breaker_reset", {"scope": "account:paper-1"}),
        ("override", {"check": "gross", "order": "x"}),
        ("override", {"check": "collar", "order": "no such order", "wider": "0.05"}),
        ("sizing", {"source": "*"}),
        ("sizing", {"source": "*", "risk_fraction": "0.01", "hope": "1"}),
        ("sizing", {"source": "*", "risk_fraction": ["1"]}),
        ("sizing", {"source": "*", "risk_fraction": "1e100000000"}),
        ("sizing", {"source": "*", "risk_fraction": "1e-100000000"}),
        ("sizing", {"source": "*", "risk_fraction": "1e999999999999999999"}),
        ("limit", {"scope": "desk", "metric": "net", "hard": "3", "unit": "equity", "soft": {}}),
        ("limit", {"scope": "desk", "metric": "net", "hard": "1e100000000", "unit": "equity"}),
        ("breaker_reset", {"scope": "desk\0"}),
        ("override", {"check": "throttle", "order": "mtq\0"}),
        ("override", {"check": "collar", "order": "mtq1", "wider": {}}),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    kind: str, payload: dict[str, Any], desk: rows.Desk, sign_in: SignIn
) -> None:
    answer = _post(sign_in("risk"), "", kind=kind, payload=payload, reason=REASON)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unprocessable")
    assert ChangeRequest.objects.count() == 3


def test_a_list_is_filtered_by_what_waits_for_me(waiting: Any, sign_in: SignIn) -> None:
    def found(person: str, query: str) -> int:
        return len(sign_in(person).get(f"{API}?{query}").json()["results"])

    assert [found(person, "mine=true") for person in ("risk_approver", "risk", "viewer")] == [4, 0, 0]
    assert [found("viewer", query) for query in ("kind=limit", "state=approved", "maker=user:999999")] == [
        2, 0, 3,
    ]  # fmt: skip


def test_what_one_may_not_see_is_not_there(waiting: Any, sign_in: SignIn, cast: dict[str, User]) -> None:
    for right in ("view_account", "trade_account"):
        grants.revoke(cast["risk_approver"].groups.get(), right, kind=rights.ACCOUNT, slug="paper-1")
    browser = sign_in("risk_approver")
    assert browser.get(f"{API}{waiting['id']}/").status_code == 404
    assert _approve(browser, waiting).status_code == 404
    assert sign_in("viewer").get(f"{API}{waiting['id']}/").json() == waiting


def test_a_trader_asks_for_an_override_and_for_nothing_else(desk: rows.Desk, sign_in: SignIn) -> None:
    browser = sign_in("trader")
    asked = {"check": "throttle", "account": "paper-1", "source": "user:7", "instrument": "EURUSD"}
    given = _post(browser, "", kind="override", payload=asked | {"order_hash": "ab" * 32}, reason=REASON)
    assert (given.status_code, given.json()["scope"]) == (201, "account:paper-1")
    assert _propose(browser, metric="net").status_code == 403
