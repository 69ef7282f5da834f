"""The gateway's loops. Each goes on by itself after an error, so a server that comes back finds them all."""

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from psycopg.conninfo import make_conninfo

from apps.brokers import connections
from apps.brokers.dispatch import Sender, off_loop
from apps.brokers.enforcement import Enforcement
from apps.brokers.gateway.edge import Loop
from apps.brokers.gateway.line import Line
from apps.brokers.gateway.listener import listen
from apps.brokers.gateway.sink import Sink
from apps.portfolio import books, ledger
from apps.risk import breakers

logger = logging.getLogger(__name__)
AT_ONCE = 4  # orders on their way at the same time
SWEEP_EVERY_S = 1.0
RECONCILE_EVERY_S = 5.0
ENFORCE_EVERY_S = 0.4
VALUE_EVERY_S = 0.25
VALUE_IDLE_EVERY_S = 5.0
LAST_CALLS_WITHIN_S = 12.0
THREADS = 6


def run() -> int:
    """Hold the gateway until SIGTERM, or until another incarnation takes over; return the exit code."""
    if os.environ.get("MTQ_FAIL_POINT") and settings.MTQ_WORLD != "sim":
        raise ImproperlyConfigured("MTQ_FAIL_POINT is for crash tests on a simulated venue")
    return asyncio.run(_run())


async def _run() -> int:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="rows"))
    gateway = Gateway()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, gateway.stop.set)
    return await gateway.work()


def dsn() -> str:
    """Return the address of the database that Django uses, for connections of our own."""
    at = connection.settings_dict
    return make_conninfo(
        host=at["HOST"], port=at["PORT"], user=at["USER"], password=at["PASSWORD"], dbname=at["NAME"]
    )


@dataclass(slots=True, kw_only=True)
class Gateway:
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    lines: dict[str, Line] = field(default_factory=dict)  # by account
    sink: Sink = field(default_factory=Sink)
    enforcement: Enforcement = field(default_factory=Enforcement)
    sends: set["asyncio.Task[None]"] = field(default_factory=set)
    valued_at: dict[str, float] = field(default_factory=dict)
    exit_code: int = 0
    _sender: Sender | None = None
    _loops: dict[str, Loop] = field(default_factory=dict)

    @property
    def sender(self) -> Sender:
        if self._sender is None:
            raise RuntimeError("the gateway has no fence yet")
        return self._sender

    async def work(self) -> int:
        """Take the fence, open every line, run all loops until `stop`, leave nothing half said."""
        _ready_file().unlink(missing_ok=True)
        await self._until_done("start", self._begin)
        tasks = self._start_loops()
        try:
            await self.stop.wait()
        finally:
            await self._finish(tasks)
        return self.exit_code

    async def _until_done(self, name: str, step: Callable[[], Awaitable[None]]) -> None:
        """Repeat a step of the start until it succeeds: a database may come up after us."""
        done = asyncio.Event()

        async def once() -> None:
            await step()
            done.set()

        loop = Loop(name=name, step=once, every_s=0.5, stop=self.stop)
        while not done.is_set() and not self.stop.is_set():
            await loop.once()

    async def _begin(self) -> None:
        if self._sender is None:
            owner = f"{socket.gethostname()}:{os.getpid()}"
            fence = await off_loop(connections.take_fence, owner)
            self._sender = Sender(owner=owner, fence=fence, gate_dir=settings.MTQ_GATE_DIR, dsn=dsn())
            logger.info("the gateway sends under fence %d", fence)
        await off_loop(ledger.release_lost_senders, self.sender.fence)
        for view in await off_loop(connections.enabled):
            if view.account not in self.lines:
                self.lines[view.account] = await Line.open(view, self.sink)

    def _start_loops(self) -> list["asyncio.Task[None]"]:
        for line in self.lines.values():
            self._loop(
                f"reconcile {line.view.slug}", self._reconciling(line), RECONCILE_EVERY_S, wake=line.back
            )
            self._loop(f"doubts {line.view.slug}", line.ask_about_doubts, SWEEP_EVERY_S)
            self._loop(f"cancels {line.view.slug}", line.send_cancels, SWEEP_EVERY_S)
            self._loop(f"changes {line.view.slug}", partial(line.send_amends, self.sender), SWEEP_EVERY_S)
            self._loop(f"feed {line.view.slug}", line.feed.run, SWEEP_EVERY_S)
            self._loop(f"line {line.view.slug}", self._holding(line), SWEEP_EVERY_S)
        self._loop("lease", self._renew, SWEEP_EVERY_S)
        self._loop("notices", self._listen, 0.1)
        self._loop("dispatch", self._dispatch, SWEEP_EVERY_S)
        self._loop("lost senders", self._release, RECONCILE_EVERY_S)
        self._loop("enforcement", self._enforce, ENFORCE_EVERY_S)
        self._loop("valuation", self._value, VALUE_EVERY_S)
        self._loop("poke", self.sink.poke, SWEEP_EVERY_S, wake=self.sink.news)
        return [asyncio.create_task(loop.run(), name=name) for name, loop in self._loops.items()]

    def _loop(
        self,
        name: str,
        step: Callable[[], Awaitable[object]],
        every_s: float,
        *,
        wake: asyncio.Event | None = None,
    ) -> None:
        self._loops[name] = Loop(
            name=name, step=step, every_s=every_s, stop=self.stop, wake=wake or asyncio.Event()
        )

    async def _renew(self) -> None:
        if not await off_loop(connections.renew_fence, self.sender.owner, self.sender.fence):
            logger.error("another gateway has taken over from fence %d: this one ends", self.sender.fence)
            self.exit_code = 1
            self.stop.set()

    async def _listen(self) -> None:
        await listen(self.sender.dsn, stop=self.stop, heard=self._wake_senders)

    def _wake_senders(self) -> None:
        for name, loop in self._loops.items():
            if name == "dispatch" or name.startswith(("cancels", "changes")):
                loop.wake.set()

    async def _release(self) -> None:
        """Put orders of lost senders in doubt, and end those that no line could take in time."""
        await off_loop(ledger.release_lost_senders, self.sender.fence)
        await off_loop(ledger.expire_overdue)

    async def _dispatch(self) -> None:
        """Claim and send while there is room; one order's sending never waits for another's answer."""
        while len(self.sends) < AT_ONCE and not self.stop.is_set():
            accounts = [account for account, line in self.lines.items() if line.may_send]
            if not accounts:
                return
            order = await off_loop(
                ledger.claim,
                owner=self.sender.owner,
                fence=self.sender.fence,
                lease_s=self.sender.lease_s,
                accounts=accounts,
            )
            if order is None:
                return
            send = self.lines[order.account].carry(order, self.sender, self._wake_senders)
            task = asyncio.create_task(send, name=f"send {order.client_order_id}")
            self.sends.add(task)
            task.add_done_callback(self._sent)

    def _sent(self, task: "asyncio.Task[None]") -> None:
        self.sends.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("%s ended badly", task.get_name(), exc_info=error)

    def _holding(self, line: Line) -> Callable[[], Awaitable[object]]:
        async def hold() -> None:
            await line.start()
            await self.stop.wait()

        return hold

    def _reconciling(self, line: Line) -> Callable[[], Awaitable[object]]:
        async def reconcile() -> None:
            waited = not line.reconciled
            await line.reconcile()
            if waited and line.reconciled:
                logger.info("%s is reconciled: orders may be sent", line.view.slug)
                self._wake_senders()
            self._tell_ready()

        return reconcile

    def _tell_ready(self) -> None:
        if all(line.reconciled for line in self.lines.values()) and not _ready_file().exists():
            _ready_file().parent.mkdir(parents=True, exist_ok=True)
            _ready_file().touch()
            logger.info("the gateway is ready")

    async def _enforce(self) -> None:
        sessions = {account: line.orders for account, line in self.lines.items() if line.reconciled}
        await self.enforcement.step(tuple(self.lines), sessions)

    async def _value(self) -> None:
        """Let the breaker see the prices: at each step where something is held, every 5 s elsewhere."""
        for account in self.lines:
            idle_s = time.monotonic() - self.valued_at.get(account, -VALUE_IDLE_EVERY_S)
            book = await off_loop(books.load, account)
            held = any(holding.quantity for holding in book.holdings.values())
            if held or book.tickets or idle_s >= VALUE_IDLE_EVERY_S:
                await off_loop(breakers.evaluate, account)
                self.valued_at[account] = time.monotonic()

    async def _finish(self, tasks: list["asyncio.Task[None]"]) -> None:
        """Claim nothing more, let calls that are out come back, and leave what does not UNKNOWN."""
        if self.sends:
            await asyncio.wait(set(self.sends), timeout=LAST_CALLS_WITHIN_S)
        for task in (*self.sends, *tasks):
            task.cancel()
        await asyncio.gather(*self.sends, *tasks, return_exceptions=True)
        await asyncio.gather(*(line.close() for line in self.lines.values()), return_exceptions=True)
        _ready_file().unlink(missing_ok=True)


def _ready_file() -> Path:
    return Path(settings.MTQ_VAR) / "run" / "gateway.ready"
