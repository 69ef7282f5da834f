"""The hub on a real Valkey: what listeners get when things change, rings are lost, or they are slow."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from redis.asyncio import Redis

from apps.broadcast import bell
from apps.broadcast.feed import Bodies, Source
from apps.broadcast.hearing import Ring
from apps.broadcast.hub import Hub, Poll
from apps.broadcast.mailbox import Mailbox, Seat

WITHIN_S = 10


class Shop:
    """Something with content: goods with a price, all in one channel `goods:SHOP`."""

    def __init__(self, name: str = "north", *, lossless: bool = True) -> None:
        self.name = name
        self.goods: dict[str, int] = {}
        self.reads = 0
        self.lossless = lossless
        self.before_snapshot: Callable[[], None] = lambda: None

    def sell(self, good: str, price: int) -> None:
        self.goods[good] = price
        bell.ring("goods", good, scope=self.name)

    @property
    def source(self) -> Source:
        return Source(
            snapshot=self._snapshot,
            bodies=self._bodies,
            topics=("goods",),
            key_of=lambda ring: ring.key if ring.scope == self.name else None,
            counter=bell.counter("goods", self.name) if self.lossless else "",
            owner_of=lambda body: str(body["good"]),
        )

    def _snapshot(self) -> Any:
        self.before_snapshot()
        return {"items": [{"good": good, "price": price} for good, price in self.goods.items()]}

    def _bodies(self, keys: Sequence[str]) -> Bodies:
        self.reads += 1
        return {key: {"good": key, "price": self.goods[key]} for key in keys}


class Listener:
    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.mailbox = Mailbox()
        self.heard: list[dict[str, Any]] = []
        hub.enter(self, lambda _ring: None)

    def join(self, shop: Shop, *, only: frozenset[str] | None = None) -> Seat:
        seat = Seat(f"goods:{shop.name}", self.mailbox, only=only)
        self.hub.join(shop.source, seat)
        return seat

    async def next(self) -> dict[str, Any]:
        if not self.heard:
            async with asyncio.timeout(WITHIN_S):
                self.heard = [json.loads(text) for text in await self.mailbox.take()]
        return self.heard.pop(0)


async def in_thread(reading: Callable[[], Any]) -> Any:
    return await asyncio.to_thread(reading)


@pytest.fixture
async def hub(valkey: str) -> AsyncIterator[Hub]:
    made = Hub(url=valkey, prefix=bell.prefix(), read=in_thread)
    keeper = Listener(made)
    yield made
    for guest in [*made._guests]:
        await made.leave(guest)
    del keeper


async def test_a_listener_gets_a_snapshot_and_then_each_change_with_the_next_number(hub: Hub) -> None:
    shop, listener = Shop(), Listener(hub)
    shop.sell("tea", 3)
    listener.join(shop)
    snapshot = await listener.next()
    assert (snapshot["t"], snapshot["seq"], snapshot["data"]) == (
        "snap",
        1,
        {"items": [{"good": "tea", "price": 3}]},
    )
    shop.sell("tea", 4)
    shop.sell("coffee", 7)
    updates = [await listener.next(), await listener.next()]
    assert [update["seq"] for update in updates] == [2, 3]
    assert [update["data"]["price"] for update in updates] == [4, 7]


async def test_what_changes_while_the_snapshot_is_read_comes_after_it_once(hub: Hub) -> None:
    shop, listener = Shop(), Listener(hub)
    shop.before_snapshot = lambda: shop.sell("tea", 5)
    listener.join(shop)
    snapshot, update = await listener.next(), await listener.next()
    assert (snapshot["seq"], update["seq"]) == (0, 1)
    shop.sell("tea", 6)
    assert (await listener.next())["seq"] == 2


async def test_two_processes_agree_on_the_numbers_of_a_channel(valkey: str, hub: Hub) -> None:
    other = Hub(url=valkey, prefix=bell.prefix(), read=in_thread)
    shop, first, second = Shop(), Listener(hub), Listener(other)
    first.join(shop)
    await first.next()
    shop.sell("tea", 3)
    one = await first.next()
    second.join(shop)
    await second.next()
    shop.sell("tea", 4)
    one, two = await first.next(), await second.next()
    await other.leave(second)
    assert (one["epoch"], one["seq"]) == (two["epoch"], two["seq"])


async def test_a_change_is_read_once_however_many_listen(hub: Hub) -> None:
    shop, listeners = Shop(), [Listener(hub) for _ in range(5)]
    for listener in listeners:
        listener.join(shop)
        await listener.next()
    shop.sell("tea", 3)
    assert {(await listener.next())["seq"] for listener in listeners} == {1}
    assert shop.reads == 1


async def test_another_scope_is_not_heard(hub: Hub) -> None:
    north, south, listener = Shop("north"), Shop("south"), Listener(hub)
    listener.join(north)
    await listener.next()
    south.sell("tea", 1)
    north.sell("tea", 2)
    update = await listener.next()
    assert (update["ch"], update["data"]["price"]) == ("goods:north", 2)


async def test_a_lost_ring_brings_a_new_snapshot(valkey: str, hub: Hub) -> None:
    shop, listener = Shop(), Listener(hub)
    listener.join(shop)
    await listener.next()
    async with Redis.from_url(valkey) as server:
        await server.incr(bell.counter("goods", shop.name))  # a ring that nobody heard
    shop.sell("tea", 3)
    again = await listener.next()
    assert (again["t"], again["reset"], again["seq"]) == ("snap", True, 2)


async def test_a_flushed_store_begins_a_new_epoch_with_a_new_snapshot(valkey: str, hub: Hub) -> None:
    shop, listener = Shop(), Listener(hub)
    shop.sell("tea", 3)
    listener.join(shop)
    before = await listener.next()
    async with Redis.from_url(valkey) as server:
        await server.flushall()
    shop.sell("tea", 4)
    after = await listener.next()
    assert after["t"] == "snap"
    assert after["epoch"] != before["epoch"]
    assert after["data"]["items"] == [{"good": "tea", "price": 4}]


async def test_a_lost_subscription_begins_a_new_epoch_with_a_new_snapshot(valkey: str, hub: Hub) -> None:
    shop, listener = Shop(), Listener(hub)
    listener.join(shop)
    before = await listener.next()
    async with Redis.from_url(valkey) as server:
        await server.client_kill_filter(_type="pubsub")
    after = await listener.next()
    assert after["t"] == "snap"
    assert after["epoch"] != before["epoch"]
    shop.sell("tea", 4)
    assert (await listener.next())["seq"] == after["seq"] + 1


async def test_of_latest_values_a_slow_listener_gets_the_last_only_and_no_gap(hub: Hub) -> None:
    shop, listener = Shop(lossless=False), Listener(hub)
    listener.join(shop)
    snapshot = await listener.next()
    reads = 0
    for price in (1, 2, 3):
        shop.sell("tea", price)
        while shop.reads == reads:  # noqa: ASYNC110 (the shop knows of no event)
            await asyncio.sleep(0.01)
        reads = shop.reads
    await asyncio.sleep(0)
    update = await listener.next()
    assert update["seq"] == snapshot["seq"] + 1
    assert update["data"]["price"] == 3


async def test_a_listener_sees_only_what_is_theirs_without_a_gap(hub: Hub) -> None:
    shop, listener = Shop(), Listener(hub)
    shop.sell("tea", 3)
    shop.sell("coffee", 3)
    listener.join(shop, only=frozenset({"coffee"}))
    snapshot = await listener.next()
    shop.sell("tea", 4)
    shop.sell("coffee", 5)
    update = await listener.next()
    assert snapshot["data"]["items"] == [{"good": "coffee", "price": 3}]
    assert (update["seq"], update["data"]["good"]) == (snapshot["seq"] + 1, "coffee")


async def test_a_poll_sends_what_differs_and_only_while_somebody_listens(valkey: str) -> None:
    looked: list[Sequence[str]] = []

    def look(names: Sequence[str]) -> dict[str, Bodies]:
        looked.append(names)
        return {name: {"": {"good": "tea", "price": len(looked) // 3}} for name in names}

    hub = Hub(
        url=valkey,
        prefix=bell.prefix(),
        read=in_thread,
        polls=[Poll(kind="goods", every_s=0.01, look=look)],
    )
    shop, listener = Shop(lossless=False), Listener(hub)
    await asyncio.sleep(0.05)
    assert looked == []
    seat = listener.join(shop)
    prices = [(await listener.next())["data"].get("price") for _ in range(4)]
    assert prices[1:] == sorted(set(prices[1:]))
    hub.part(seat)
    await hub.leave(listener)


async def test_a_read_that_fails_is_tried_again(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    shop, listener = Shop(), Listener(hub)
    faults = [ConnectionError("away")]

    def fail() -> None:
        if faults:
            raise faults.pop()

    shop.before_snapshot = fail
    listener.join(shop)
    assert (await listener.next())["t"] == "snap"
    assert "away" in caplog.text


async def test_a_value_that_cannot_be_written_does_not_end_its_poll(
    valkey: str, caplog: pytest.LogCaptureFixture
) -> None:
    prices = iter([object()])
    poll = Poll(
        kind="goods",
        every_s=0.01,
        look=lambda names: {name: {"": {"good": "tea", "price": next(prices, 7)}} for name in names},
    )
    hub = Hub(url=valkey, prefix=bell.prefix(), read=in_thread, polls=[poll])
    listener = Listener(hub)
    seat = listener.join(Shop(lossless=False))
    while (heard := await listener.next())["t"] != "upd":
        pass
    hub.part(seat)
    await hub.leave(listener)
    assert heard["data"]["price"] == 7
    assert "cannot be sent" in caplog.text


async def test_a_ring_that_is_not_taken_in_does_not_end_the_hearing(
    hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    faults = [ValueError("what is this")]

    def stumble(_ring: Ring) -> None:
        if faults:
            raise faults.pop()

    shop, listener = Shop(), Listener(hub)
    hub.enter("somebody else", stumble)
    listener.join(shop)
    await listener.next()
    shop.sell("tea", 3)
    while (await listener.next())["t"] != "snap":
        pass
    shop.sell("tea", 4)
    assert (await listener.next())["data"]["price"] == 4
    assert "what is this" in caplog.text


def test_a_mailbox_that_overflows_keeps_nothing() -> None:
    mailbox = Mailbox()
    for number in range(1_000):
        mailbox.put(str(number))
    assert (len(mailbox), mailbox.overflowed) == (1_000, False)
    mailbox.put("one too many")
    assert (len(mailbox), mailbox.overflowed) == (0, True)
