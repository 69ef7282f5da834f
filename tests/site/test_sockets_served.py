"""The socket behind the server that the desk runs, over TCP."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from apps.broadcast import bell
from mtquant_site import roles
from mtquant_site.sockets.reading import read
from tests.site import rows
from tests.site.talk import cookie
from tests.site.wire import Wire

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def viewer(sign_in: Callable[[str], Client], desk: rows.Desk) -> Client:
    roles.ensure_object_rights()
    return sign_in("viewer")


@pytest.fixture
def served(
    valkey: str, transactional_db: None, viewer: Client
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server of this desk's own: its port, which takes calls before it answers them, and its process."""
    base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    env = os.environ | {"DATABASE_URL": f"{base}/{connection.settings_dict['NAME']}"}
    with socket.create_server(("127.0.0.1", 0)) as door:
        # Its connections inherit it: what a client does not read is soon the server's to hold.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        command = [sys.executable, "-m", "daphne", "-v", "0", "--fd", str(door.fileno())]
        command += ["--ping-interval", "600"]  # a client that reads nothing answers no ping either
        server = subprocess.Popen(
            [*command, "tests.site.quick_asgi:application"], cwd=ROOT, env=env, pass_fds=[door.fileno()]
        )
        try:
            yield int(door.getsockname()[1]), server
        finally:
            server.terminate()
            server.wait(timeout=60)


async def test_a_snapshot_an_update_and_a_farewell(
    served: tuple[int, subprocess.Popen[bytes]], viewer: Client, desk: rows.Desk
) -> None:
    port, server = served
    wire = await Wire.open(port=port, cookie=cookie(viewer))
    assert "Sec-WebSocket-Protocol: mtquant.v1" in wire.head
    assert (await wire.hear("welcome"))["mode"] == "PAPER"
    wire.say({"op": "sub", "id": 1, "ch": ["orders:paper-1"]})
    snap = await wire.hear("snap")
    await read(lambda: bell.ring("orders", desk.order.client_order_id, scope="paper-1"))
    assert (await wire.hear("upd"))["seq"] == snap["seq"] + 1
    server.send_signal(signal.SIGTERM)
    assert (await wire.hear("bye"))["retry_after"] == 2
    assert await wire.closed() == 4503
    await wire.close()


async def test_nobody_signed_in_learns_why(served: tuple[int, subprocess.Popen[bytes]]) -> None:
    wire = await Wire.open(port=served[0], cookie="")
    assert await wire.closed() == 4401
    await wire.close()


async def test_a_client_that_never_reads_is_cut_off_and_the_others_get_every_change(
    served: tuple[int, subprocess.Popen[bytes]], viewer: Client, desk: rows.Desk
) -> None:
    silent = await Wire.open(port=served[0], cookie=cookie(viewer), small=True)
    reader = await Wire.open(port=served[0], cookie=cookie(viewer))
    for wire in (silent, reader):
        wire.say({"op": "sub", "id": 1, "ch": ["orders:paper-1"]})
    await silent.hear("snap")
    seq = (await reader.hear("snap"))["seq"]
    cut = asyncio.create_task(silent.hung_up())
    while not cut.done():
        await read(lambda: bell.ring("orders", desk.order.client_order_id, scope="paper-1"))
        seq += 1
        assert (await reader.hear("upd"))["seq"] == seq
    await cut
    for wire in (silent, reader):
        await wire.close()
