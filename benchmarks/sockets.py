"""Changes to many sockets: `benchmarks/sockets.py [--sockets 500] [--rounds 3]`, beside the Channels layer.

A PostgreSQL and a Valkey of its own, one daphne that serves both, one process with all clients. In turn, in
the same run: a change of an order is rung and our hub reads it and tells everybody; a text of the same
size is sent to a group of the Redis pub/sub layer. A burst gives deliveries a second; changes at a pace that
both can keep give the time from ring (or group_send) to each client.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import django  # noqa: E402

from deploy.desk.ports import free_port  # noqa: E402
from deploy.desk.testbed import Testbed, use  # noqa: E402

BURST = 40
STEADY = 12
EVERY_S = 1.0
ORDER = "mtq" + "0" * 21


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to reach everybody: where clients connect, and how a change is told."""

    name: str
    path: str
    tell: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    deliveries_a_second: float
    p50_ms: float
    p99_ms: float
    missing: int


def ring() -> None:
    bell.ring("orders", ORDER, scope="paper-1")


class Layer:
    """Sends the frame that our clients get to the group of the peer's."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.layer = get_channel_layer()
        body = portfolio.order_body(ORDER)
        self.frame = {"t": "upd", "ch": "orders:paper-1", "epoch": "0" * 12, "ts": "", "data": body}
        self.seq = 0

    def tell(self) -> None:
        self.seq += 1
        message = {"type": "benchmark.tell", "text": encode(self.frame | {"seq": self.seq}).decode()}
        self.loop.run_until_complete(self.layer.group_send("benchmark", message))


def measure(way: Way, *, port: int, cookie: str, sockets: int, messages: int, every_s: float) -> Timing:
    arguments = [str(port), way.path, cookie, str(sockets), str(messages)]
    clients = subprocess.Popen(
        [sys.executable, str(ROOT / "benchmarks" / "socket_listeners.py"), *arguments],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert clients.stdout is not None
    assert clients.stdout.readline() == "ready\n"
    told = []
    for _ in range(messages):
        told.append(time.monotonic())
        way.tell()
        time.sleep(max(0.0, every_s - (time.monotonic() - told[-1])))
    arrivals = json.loads(clients.stdout.readline())
    clients.wait()
    numbers = sorted(int(seq) for seq in arrivals)
    waits = [
        (at - begun) * 1000 for seq, begun in zip(numbers, told, strict=False) for at in arrivals[str(seq)]
    ]
    last = max(at for times in arrivals.values() for at in times)
    cuts = statistics.quantiles(waits, n=100)
    return Timing(
        deliveries_a_second=len(waits) / (last - told[0]),
        p50_ms=statistics.median(waits),
        p99_ms=cuts[98],
        missing=sockets * messages - len(waits),
    )


def make_desk() -> str:
    """Make an account, an order and an administrator; return the cookie of a session."""
    call_command("migrate", verbosity=0)
    account = Account.objects.create(slug="paper-1", name="Paper", currency="USD")
    Order.objects.create(
        client_order_id=ORDER, number=1, account=account, source="user:1", signal_key="k", side="buy",
        instrument="EURUSD", order_type="market", requested_quantity=Decimal("0.5"), quantity=Decimal("0.5"),
        status="approved", requested_at=timezone.now(),
    )  # fmt: skip
    client = Client()
    client.force_login(User.objects.create_superuser("admin", password="benchmark only"))
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def serve(port: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen([*command, "benchmarks.socket_application:application"], cwd=ROOT)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return server
        except urllib.error.URLError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def compare(given: argparse.Namespace, *, port: int, cookie: str) -> None:
    ways = (
        Way(name="our hub", path="/ws/v1/", tell=ring),
        Way(name="Channels layer", path="/peer/", tell=Layer().tell),
    )
    bursts: dict[str, list[Timing]] = {way.name: [] for way in ways}
    steady: dict[str, list[Timing]] = {way.name: [] for way in ways}
    for _ in range(given.rounds):
        for way in ways:
            shared = {"port": port, "cookie": cookie, "sockets": given.sockets}
            bursts[way.name].append(measure(way, messages=BURST, every_s=0, **shared))
            print(f"{way.name}, burst: {bursts[way.name][-1]}", file=sys.stderr)
            steady[way.name].append(measure(way, messages=STEADY, every_s=EVERY_S, **shared))
            print(f"{way.name}, steady: {steady[way.name][-1]}", file=sys.stderr)
    for way in ways:
        rate = statistics.median(timing.deliveries_a_second for timing in bursts[way.name])
        p50 = statistics.median(timing.p50_ms for timing in steady[way.name])
        p99 = statistics.median(timing.p99_ms for timing in steady[way.name])
        missing = sum(timing.missing for timing in (*bursts[way.name], *steady[way.name]))
        print(
            f"{way.name}: {rate:,.0f} deliveries/s in a burst; p50 {p50:.1f} ms, p99 {p99:.1f} ms at "
            f"{given.sockets / EVERY_S:,.0f} deliveries/s; {missing} missing"
        )
    ratio = _ratio(bursts, lambda timing: timing.deliveries_a_second)
    times = 1 / _ratio(steady, lambda timing: timing.p50_ms)
    print(
        f"ratio: {ratio:.1f} times the deliveries, p50 {times:.1f} times sooner; {given.sockets} sockets, "
        f"{given.rounds} rounds, medians, machine load {os.getloadavg()[0]:.1f}"
    )


def _ratio(timings: dict[str, list[Timing]], of: Callable[[Timing], float]) -> float:
    ours, peer = (statistics.median(map(of, rounds)) for rounds in timings.values())
    return ours / peer


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sockets", type=int, default=500)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    cookie, port = make_desk(), free_port(taken=set())
    server = serve(port)
    try:
        compare(given, port=port, cookie=cookie)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    testbed = Testbed.claim()
    use(testbed)
    os.environ["DJANGO_SETTINGS_MODULE"] = "mtquant_site.settings.test"
    try:
        testbed.start(testbed.postgres)
        testbed.start(testbed.valkey)
        django.setup()

        from decimal import Decimal

        from channels.layers import get_channel_layer
        from django.conf import settings
        from django.contrib.auth.models import User
        from django.core.management import call_command
        from django.test import Client
        from django.utils import timezone

        from apps.broadcast import bell
        from apps.broadcast.frames import encode
        from apps.portfolio.api import bodies as portfolio
        from apps.portfolio.models import Account, Order

        main()
    finally:
        testbed.close()
