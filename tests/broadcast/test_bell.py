import asyncio
import logging

import pytest
from channels.layers import get_channel_layer
from django.db import transaction
from pytest_django.fixtures import Settings

from apps.broadcast import bell


async def _hear(*rings: str) -> list[dict[str, object]]:
    layer = get_channel_layer()
    assert layer is not None
    channel = await layer.new_channel()
    await layer.group_add(bell.group("orders"), channel)
    for key in rings:
        await asyncio.to_thread(bell.ring, "orders", key)
    heard = [await asyncio.wait_for(layer.receive(channel), 10) for _ in rings]
    await layer.flush()
    return heard


async def test_a_listener_hears_each_ring_with_the_next_number(valkey: str) -> None:
    first, second = await _hear("paper-1", "paper-2")
    assert (first["key"], second["key"]) == ("paper-1", "paper-2")
    assert (first["seq"], second["seq"]) == (1, 2)
    assert first["epoch"] == second["epoch"]


@pytest.mark.django_db(transaction=True)
def test_it_rings_only_after_the_commit(valkey: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr(bell, "ring", lambda topic, key: rung.append(f"{topic}:{key}"))
    with transaction.atomic():
        bell.after_commit("orders", "paper-1")
        assert rung == []
    assert rung == ["orders:paper-1"]


def test_a_store_that_is_gone_is_logged_and_not_raised(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with caplog.at_level(logging.WARNING):
        bell.ring("orders", "paper-1")
    assert "the bell did not ring for orders paper-1" in caplog.text
