import json
import logging
from typing import Any

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings
from redis import Redis
from redis.client import PubSub

from apps.broadcast import bell


def test_a_listener_hears_each_ring_with_the_next_number(valkey: str) -> None:
    listener = Redis.from_url(valkey, decode_responses=True).pubsub(  # type: ignore[no-untyped-call]
        ignore_subscribe_messages=True
    )
    listener.subscribe(bell.channel("orders"))
    listener.get_message(timeout=10)
    for key in ("paper-1", "paper-2"):
        bell.ring("orders", key)
    first, second = (json.loads(_next(listener)["data"]) for _ in range(2))
    listener.close()
    assert (first["topic"], first["key"], second["key"]) == ("orders", "paper-1", "paper-2")
    assert (first["seq"], second["seq"]) == (1, 2)
    assert first["epoch"] == second["epoch"]


def _next(listener: PubSub) -> Any:
    while (message := listener.get_message(timeout=10)) is None:
        pass
    return message


def test_what_could_not_be_told_is_told_with_the_next_ring(
    valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Redis.from_url(valkey, decode_responses=True).pubsub(  # type: ignore[no-untyped-call]
        ignore_subscribe_messages=True
    )
    listener.subscribe(bell.channel("orders"))
    listener.get_message(timeout=10)
    reach = bell._client
    with monkeypatch.context() as away:
        away.setattr(bell, "_client", lambda _url: reach("redis://127.0.0.1:1/0"))
        bell.ring("orders", "mtq1")
    bell.ring("orders", "mtq2")
    heard = [json.loads(_next(listener)["data"])["key"] for _ in range(2)]
    listener.close()
    assert heard == ["mtq1", "mtq2"]


def test_each_scope_of_a_topic_counts_for_itself(valkey: str) -> None:
    for scope in ("paper-1", "paper-2", "paper-1"):
        bell.ring("orders", "mtq1", scope=scope)
    with Redis.from_url(valkey, decode_responses=True) as server:
        assert server.get(bell.counter("orders", "paper-1")) == "2"
        assert server.get(bell.counter("orders", "paper-2")) == "1"


@pytest.mark.django_db(transaction=True)
def test_it_rings_only_after_the_commit(valkey: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr(bell, "ring", lambda topic, key, *, scope: rung.append(f"{topic}:{key}:{scope}"))
    with transaction.atomic():
        bell.after_commit("orders", "mtq1", scope="paper-1")
        assert rung == []
    assert rung == ["orders:mtq1:paper-1"]


def test_a_store_that_is_gone_is_logged_and_not_raised(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with caplog.at_level(logging.WARNING):
        bell.ring("orders", "paper-1")
    assert "the bell did not ring for orders paper-1" in caplog.text
