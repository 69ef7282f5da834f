"""A write that is sent twice is carried out once."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from apps.edges.idempotency import once
from apps.edges.problems import Problem

KEY = "a-key-of-mine"
Send = Callable[..., Response]


@pytest.fixture
def work() -> SimpleNamespace:
    """What the view does, how often it did it, and what it answers."""
    return SimpleNamespace(done=0, answer=lambda: Response({"n": 1}, status=201, headers={"Location": "/x"}))


@pytest.fixture
def send(work: SimpleNamespace, valkey: str) -> Send:
    class View(APIView):
        permission_classes = ()

        @once
        def post(self, request: Request) -> Response:
            work.done += 1
            answer: Response = work.answer()
            return answer

    view: Any = View.as_view()

    def post(body: Any = None, *, key: str | None = KEY, user: int = 1) -> Response:
        headers = {"HTTP_IDEMPOTENCY_KEY": key} if key is not None else {}
        request = APIRequestFactory().post("/orders/", body or {"a": 1}, format="json", **headers)
        force_authenticate(request, User(pk=user, username=f"u{user}", is_staff=True))
        response: Response = view(request)
        response.render()
        return response

    return post


def test_the_same_key_and_body_give_the_first_answer_again(send: Send, work: SimpleNamespace) -> None:
    first, again = send(), send()
    assert (first.status_code, first.data, work.done) == (again.status_code, again.data, 1)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == "/x"
    assert "Idempotent-Replayed" not in first.headers


def test_another_body_under_the_same_key_is_refused(send: Send, work: SimpleNamespace) -> None:
    send()
    answer = send({"a": 2})
    assert (answer.status_code, answer.data["type"]) == (422, "/problems/idempotency-key-reused")
    assert work.done == 1


def test_a_refusal_is_the_answer_that_is_kept(send: Send, work: SimpleNamespace) -> None:
    def deny() -> Response:
        raise Problem("risk-denied", "too much", checks=[{"check": "gross"}])

    work.answer = deny
    first, again = send(), send()
    assert (first.status_code, work.done) == (422, 1)
    assert again.data["checks"] == [{"check": "gross"}]
    assert again.headers["Content-Type"] == "application/problem+json"


def test_a_request_that_comes_while_the_first_one_runs_is_told_so(send: Send, work: SimpleNamespace) -> None:
    inner: list[Response] = []

    def meanwhile() -> Response:
        inner.append(send())
        return Response({})

    work.answer = meanwhile
    assert send().status_code == 200
    assert (inner[0].status_code, inner[0].data["type"], work.done) == (409, "/problems/still-running", 1)


def test_after_a_failure_the_key_is_free_again(send: Send, work: SimpleNamespace) -> None:
    def fail() -> Response:
        raise RuntimeError

    good, work.answer = work.answer, fail
    assert send().status_code == 500
    work.answer = good
    assert (send().status_code, work.done) == (201, 2)


def test_a_key_is_its_users_own(send: Send, work: SimpleNamespace) -> None:
    send(user=1)
    send(user=2)
    assert work.done == 2


@pytest.mark.parametrize("key", [None, "short", "with space in it", "x" * 129])
def test_without_a_sane_key_nothing_is_done(key: str | None, send: Send, work: SimpleNamespace) -> None:
    assert send(key=key).status_code == 400
    assert work.done == 0
