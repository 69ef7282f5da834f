"""Every refusal is a problem: a stable type, one sentence, the request's id, no internals."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from apps.portfolio.api.orders import OrderList
from tests.site import rows

API = "/api/v1"


@pytest.mark.parametrize(
    ("query", "pointer", "detail"),
    [
        ("symbl=EURUSD", "/query/symbl", "Did you mean symbol?"),
        ("status=fild", "/query/status", "Did you mean filled?"),
        ("status__in=filled,open", "/query/status__in", "'open' is not known"),
        ("working=maybe", "/query/working", "not true or false"),
        ("limit=501", "/query/limit", "from 1 to 500"),
        ("limit=-1", "/query/limit", "from 1 to 500"),
        ("limit=000000000100999999", "/query/limit", "from 1 to 500"),
        ("symbol=EUR%00USD", "/query/symbol", "zero byte"),
        ("created_at__gte=0001-01-01T00:00:00Z", "/query/created_at__gte", "is not a time"),
        ("ordering=price", "/query/ordering", "'price' is not known"),
        ("created_at__gte=yesterday", "/query/created_at__gte", "is not a time"),
        ("cursor=AAAA", "/query/cursor", "not made by this list"),
        ("cursor=WyJmIiwiLWlkIiwxLDFlMzAwMF0", "/query/cursor", "not made by this list"),
        ("side=buy&side=sell", "/query/side", "more than once"),
    ],
)
def test_a_query_that_makes_no_sense_is_named(
    query: str, pointer: str, detail: str, sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    answer = sign_in("viewer").get(f"{API}/orders/?{query}")
    body = answer.json()
    assert (answer.status_code, body["type"]) == (400, "/problems/invalid")
    assert body["errors"][0]["pointer"] == pointer
    assert detail in body["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/no-such-thing/", 404),
        ("get", "/orders/000000000000000000000000/", 404),
        ("get", "/orders/0%00/", 404),
        ("get", "/orders/0%00/life/", 404),
        ("post", "/orders/0%00/cancel/", 404),
        ("delete", "/fills/", 405),
        ("post", "/session/password/", 415),
    ],
)
def test_a_refusal_is_a_problem(
    method: str, path: str, status: int, sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    answer = getattr(sign_in("viewer"), method)(API + path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["type"].startswith("/problems/")
    assert (body["status"], body["instance"]) == (status, API + unquote(path))
    assert body["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("sent", "status", "kind"),
    [
        (b'{"password":', 400, "malformed"),
        (b'{"password":NaN}', 400, "malformed"),
        (b'{"password":"\\ud800"}', 400, "malformed"),
        (b"[" * 5_000, 400, "malformed"),
        (b'"\xff"', 400, "malformed"),
        (b'["a list"]', 400, "invalid"),
        (b'"' + b"x" * 70_000 + b'"', 413, "too-large"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(
    sent: bytes, status: int, kind: str, sign_in: Callable[[str], Client]
) -> None:
    answer = sign_in("viewer").post(f"{API}/session/password/", sent, content_type="application/json")
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}")


def test_a_number_beyond_any_machine_is_a_fault_of_the_order(
    sign_in: Callable[[str], Client], valkey: str
) -> None:
    answer = sign_in("trader").post(
        f"{API}/orders/",
        f'{{"account":"paper-1","quantity":{10**40}}}',
        content_type="application/json",
        headers={"Idempotency-Key": "a-key-of-mine"},
    )
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid")


def test_another_desks_name_is_refused_with_a_problem(client: Client) -> None:
    answer = client.get(f"{API}/session/", headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed")


def test_what_nobody_foresaw_is_logged_with_its_request_and_tells_no_internals(
    sign_in: Callable[[str], Client],
    desk: rows.Desk,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(OrderList, "get", fail)
    with caplog.at_level(logging.ERROR):
        answer = sign_in("viewer").get(f"{API}/orders/", headers={"X-Request-ID": "mine-7"})
    assert answer.status_code == 500
    assert (answer.json()["type"], answer.json()["request_id"]) == ("/problems/internal", "mine-7")
    assert "secret" not in answer.content.decode()
    assert "the secret is 42" in caplog.text


@pytest.mark.parametrize("offered", ["", "a b", "x" * 65, "line\u2028"])
def test_an_id_that_is_not_sane_is_replaced(offered: str, sign_in: Callable[[str], Client]) -> None:
    answer = sign_in("viewer").get(f"{API}/session/", headers={"X-Request-ID": offered})
    assert len(answer.headers["X-Request-ID"]) == 16


def test_an_address_outside_of_the_api_keeps_its_page(client: Client, db: None) -> None:
    assert client.get("/no-such-page").headers["Content-Type"].startswith("text/html")
    assert client.get("/api/v2/").headers["Content-Type"] == "application/problem+json"
