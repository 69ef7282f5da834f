"""The socket's handshake, protocol and rights, on a desk with a little of everything."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from apps.agents import lifecycle, signals
from apps.agents.models import Agent, Signal, TrainingRun
from apps.broadcast import bell, mailbox
from apps.marketdata import quotes
from apps.marketdata.domain.quote import Quote
from apps.portfolio.models import Fill, Order
from apps.risk import alerts
from mtquant_site.consumers import DeskSocket
from mtquant_site.sockets.reading import read
from mtquant_site.sockets.terms import Terms
from tests.site import rows
from tests.site.talk import HOST, Talk, cookie

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("floor")]
QUICK = Terms(heartbeat_s=0.2, silence_s=0.6, recheck_s=0.3, look_every_s=0.05)


async def test_the_first_frame_welcomes(viewer: Client) -> None:
    async with Talk(viewer) as talk:
        welcome = await talk.frame()
    assert talk.subprotocol == "mtquant.v1"
    assert (welcome["t"], welcome["mode"], welcome["heartbeat"]) == ("welcome", "PAPER", 15)


async def test_nobody_signed_in_is_closed_with_4401() -> None:
    async with Talk(Client()) as talk:
        assert await talk.closed() == 4401


@pytest.mark.parametrize(
    "origin", [None, "null", "http://[", "http://evil.example", "http://testserver:8001", f"ftp://{HOST}"]
)
async def test_a_page_of_another_origin_is_closed_with_4403(viewer: Client, origin: str | None) -> None:
    async with Talk(viewer, origin=origin) as talk:
        assert await talk.closed() == 4403


async def test_a_client_without_the_subprotocol_is_closed_with_4400(viewer: Client) -> None:
    async with Talk(viewer, subprotocols=()) as talk:
        assert await talk.closed() == 4400


async def test_a_user_without_a_role_is_closed_with_4403(cast: dict[str, User], viewer: Client) -> None:
    await read(cast["viewer"].groups.clear)
    async with Talk(viewer) as talk:
        assert await talk.closed() == 4403


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        '{"op":"sub"}',
        '{"op":"ping","id":"1"}',
        '{"op":"ping","id":true}',
        '{"op":"ping","id":1180591620717411303424}',
        '{"op":"sub","id":1,"ch":["\\ud800"]}',
        '"x"' * 30_000,
    ],
)
async def test_a_frame_that_is_no_operation_is_closed_with_4400(viewer: Client, text: str) -> None:
    async with Talk(viewer) as talk:
        await talk.wire.send_to(text_data=text or "{")
        assert await talk.closed() == 4400


async def test_a_binary_frame_is_closed_with_4400(viewer: Client) -> None:
    async with Talk(viewer) as talk:
        await talk.wire.send_to(bytes_data=b"{}")
        assert await talk.closed() == 4400


async def test_ping_is_answered_with_the_servers_time(viewer: Client) -> None:
    async with Talk(viewer) as talk:
        number = await talk.say("ping")
        assert (await talk.hear("pong"))["id"] == number


@pytest.mark.parametrize("op", ["deadman", "auth", "dance"])
async def test_what_is_not_available_is_said_in_words(viewer: Client, op: str) -> None:
    async with Talk(viewer) as talk:
        await talk.say(op, account="paper-1", timeout=60)
        problem = (await talk.hear("err"))["problem"]
    assert problem["type"] == "/problems/unprocessable"
    assert op in problem["detail"]


async def test_silence_is_broken_by_heartbeats_and_ended_with_4408(viewer: Client) -> None:
    async with Talk(viewer, terms=QUICK) as talk:
        await talk.hear("hb")
        await talk.hear("hb")
        assert await talk.closed() == 4408


async def test_more_than_20_operations_a_second_are_closed_with_4429(viewer: Client) -> None:
    async with Talk(viewer) as talk:
        for _ in range(21):
            await talk.say("ping")
        assert await talk.closed() == 4429


async def test_more_than_200_channels_are_closed_with_4413(viewer: Client) -> None:
    async with Talk(viewer) as talk:
        await talk.subscribe(*(f"quotes:NO{number}" for number in range(201)))
        assert await talk.closed() == 4413


async def test_an_order_comes_as_snapshot_and_then_as_updates(viewer: Client, desk: rows.Desk) -> None:
    async with Talk(viewer) as talk:
        number = await talk.subscribe("orders:paper-1")
        ack, snap = await talk.hear("ack"), await talk.hear("snap")
        await read(lambda: change(desk.order))
        update = await talk.hear("upd")
    assert (ack["id"], ack["ch"]) == (number, ["orders:paper-1"])
    assert desk.order.client_order_id in {order["id"] for order in snap["data"]["items"]}
    assert update["seq"] == snap["seq"] + 1
    assert (update["data"]["id"], update["data"]["venue_order_id"]) == (desk.order.client_order_id, "V-1")


@transaction.atomic
def change(order: Order) -> None:
    """Change an order as a door does: the bell rings once the change is committed."""
    Order.objects.filter(pk=order.pk).update(venue_order_id="V-1")
    bell.after_commit("orders", order.client_order_id, scope="paper-1")


async def test_a_fill_and_a_position_arrive(viewer: Client, desk: rows.Desk) -> None:
    async with Talk(viewer) as talk:
        await talk.snaps("fills:paper-1", "positions:paper-1")
        await read(lambda: fill_again(desk.order))
        fill = await talk.hear("upd", "fills:paper-1")
        held = await talk.hear("upd", "positions:paper-1")
    assert fill["data"]["id"] == "E-2"
    assert {row["instrument"] for row in held["data"]["items"]} == {"EURUSD"}


@transaction.atomic
def fill_again(order: Order) -> None:
    row = Fill.objects.get(order=order)
    row.pk, row.execution_id = None, "E-2"
    row.save()
    order.account.positions.update(quantity=Decimal("0.75"))
    bell.after_commit("fills", "E-2", scope="paper-1")
    bell.after_commit("positions", "paper-1")


async def test_every_channel_answers_with_a_snapshot(viewer: Client) -> None:
    channels = ["quotes:EURUSD", "bars:EURUSD:1d", "positions:paper-1", "account:paper-1"]
    channels += ["orders:paper-1", "fills:paper-1", "breakers", "alerts", "system", "brokers"]
    channels += ["agents", "agent:eurusd-flat", "signals:eurusd-flat"]
    async with Talk(viewer) as talk:
        snaps = await talk.snaps(*channels)
    assert set(snaps) == set(channels)


async def test_a_signal_arrives_with_its_outcome(viewer: Client) -> None:
    async with Talk(viewer) as talk:
        snap = (await talk.snaps("signals:eurusd-flat"))["signals:eurusd-flat"]
        (held,) = snap["data"]["items"]
        await read(lambda: reopen(held["id"]))
        update = await talk.hear("upd")
    assert (update["seq"], update["data"]["id"]) == (snap["seq"] + 1, held["id"])
    assert (update["data"]["outcome"], update["data"]["outcome_text"]) == ("expired", "too late")


def reopen(signal_id: int) -> None:
    Signal.objects.filter(pk=signal_id).update(outcome="open")
    signals.drop(Signal.objects.get(pk=signal_id), outcome="expired", text="too late")


async def test_an_agent_that_is_paused_is_seen_paused(viewer: Client) -> None:
    async with Talk(viewer) as talk:
        await talk.snaps("agents", "agent:eurusd-flat")
        await read(lambda: lifecycle.pause(slug="eurusd-flat", reason="a test of sockets", by="user:1"))
        listed = await talk.hear("upd", "agents")
        async with Talk(viewer) as other:
            detail = (await other.snaps("agent:eurusd-flat"))["agent:eurusd-flat"]
    assert (listed["data"]["slug"], listed["data"]["state"]) == ("eurusd-flat", "paused")
    assert (detail["data"]["state"], detail["data"]["rights"]) == ("paused", ["agent.view"])


async def test_a_training_is_followed(viewer: Client) -> None:
    run = await read(
        lambda: TrainingRun.objects.create(agent=Agent.objects.get(slug="eurusd-flat"), config={})
    )
    async with Talk(viewer) as talk:
        snap = (await talk.snaps(f"run:{run.pk}"))[f"run:{run.pk}"]
        await read(lambda: advance(run))
        update = await talk.hear("upd")
    assert (snap["data"]["status"], update["data"]["status"]) == ("queued", "cancelled")


def advance(run: TrainingRun) -> None:
    TrainingRun.objects.filter(pk=run.pk).update(status="cancelled", finished_at=timezone.now())
    bell.ring("runs", str(run.pk))


async def test_quotes_arrive_as_they_change(viewer: Client) -> None:
    async with Talk(viewer) as talk:
        await talk.subscribe("quotes:EURUSD")
        snap = await talk.hear("snap")
        await read(lambda: put_quote("1.08412"))
        update = await talk.hear("upd")
        await talk.say("unsub", ch=["quotes:EURUSD"])
        await talk.hear("ack")
    assert snap["data"]["bid"] is None
    assert (update["seq"], update["data"]["bid"]) == (snap["seq"] + 1, "1.08412")


def put_quote(bid: str) -> None:
    price = Decimal(bid)
    quote = Quote(instrument="EURUSD", bid=price, ask=price + Decimal("0.0001"), quote_at=datetime.now(UTC))
    quotes.shelf().put([quote])


async def test_an_alert_that_is_over_leaves_the_list(viewer: Client) -> None:
    async with Talk(viewer) as talk:
        await talk.subscribe("alerts")
        assert len((await talk.hear("snap"))["data"]["items"]) == 1
        await read(lambda: alerts.close_alert(key="stale:EURUSD"))
        assert (await talk.hear("upd"))["data"]["items"] == []


async def test_a_server_that_goes_down_says_bye(viewer: Client) -> None:
    async with Talk(viewer) as talk:
        await talk.frame()
        talk.wire.future.cancel()
        bye = await talk.hear("bye")
        assert (bye["code"], bye["retry_after"]) == (4503, 2)
        assert await talk.closed() == 4503
        with pytest.raises(asyncio.CancelledError):
            await talk.wire.future


class Wall:
    """An ASGI connection whose client accepts and then never reads."""

    def __init__(self) -> None:
        self.sent: list[Mapping[str, Any]] = []
        self.said: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self.is_blocked = asyncio.Event()
        self.said.put_nowait({"type": "websocket.connect"})

    async def send(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "websocket.send" and message["text"].startswith('{"t":"upd"'):
            self.is_blocked.set()
            await asyncio.Event().wait()
        self.sent.append(message)


async def test_a_client_that_never_reads_is_closed_with_4429(viewer: Client, desk: rows.Desk) -> None:
    wall = Wall()
    wall.said.put_nowait({"type": "websocket.receive", "text": '{"op":"sub","id":1,"ch":["orders:paper-1"]}'})
    serving = asyncio.create_task(open_socket(wall, viewer, Terms(stalled_s=0.5, look_every_s=0.05)))
    while not wall.is_blocked.is_set():
        await read(lambda: change(desk.order))
    async with asyncio.timeout(20):
        await serving
    assert wall.sent[-1] == {"type": "websocket.close", "code": 4429}


async def test_a_thousand_frames_that_wait_are_the_end(
    viewer: Client, desk: rows.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "LIMIT", 10)
    wall = Wall()
    wall.said.put_nowait({"type": "websocket.receive", "text": '{"op":"sub","id":1,"ch":["orders:paper-1"]}'})
    serving = asyncio.create_task(open_socket(wall, viewer, Terms(look_every_s=0.05)))
    while not serving.done():
        await read(lambda: change(desk.order))
    assert wall.sent[-1] == {"type": "websocket.close", "code": 4429}


async def open_socket(wall: Wall, client: Client, terms: Terms) -> None:
    headers = [(b"host", HOST.encode()), (b"origin", f"http://{HOST}".encode())]
    headers.append((b"cookie", cookie(client).encode()))
    scope = {"type": "websocket", "path": "/ws/v1/", "headers": headers, "subprotocols": ["mtquant.v1"]}
    await DeskSocket(terms)(scope, wall.said.get, wall.send)
