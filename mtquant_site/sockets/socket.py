"""One open socket: what it asked for, what waits for it, and when it ends."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from apps.broadcast.hearing import Ring
from apps.broadcast.hub import Hub
from apps.broadcast.mailbox import Mailbox, Seat
from apps.edges.problems import Problem
from mtquant_site.banner import banner
from mtquant_site.sockets import channels, operations, visitors
from mtquant_site.sockets.channels import Admission
from mtquant_site.sockets.operations import Meter, Operation, ack, err, frame
from mtquant_site.sockets.pressure import gauge_of
from mtquant_site.sockets.reading import read
from mtquant_site.sockets.terms import (
    GOING_DOWN,
    MAX_CHANNELS,
    NOT_SIGNED_IN,
    SILENT,
    TOO_FAST_OR_SLOW,
    TOO_MANY_CHANNELS,
    Leave,
    Terms,
)

logger = logging.getLogger(__name__)

WAITING_OPERATIONS = 100
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]


class Socket:
    """Serves one client until it goes or has to. `key` is its session, `user_id` whose session that is."""

    def __init__(self, *, hub: Hub, key: str, user_id: object, send: Send, terms: Terms) -> None:
        self._hub = hub
        self._key = key
        self._user_id = str(user_id)
        self._send = send
        self._terms = terms
        self._gauge = gauge_of(send)
        self._mailbox = Mailbox()
        self._seats: dict[str, Seat] = {}
        self._asked: asyncio.Queue[Operation] = asyncio.Queue(WAITING_OPERATIONS)
        self._suspect = asyncio.Event()
        self._rights_rung = 0
        self._clock = asyncio.get_running_loop().time
        self._heard_at = self._spoke_at = self._checked_at = self._clock()
        self._writing_since: float | None = None

    async def serve(self, receive: Receive) -> int | None:
        """Serve, and return the code to close with; None where the client has gone."""
        self._mailbox.put(
            frame(
                "welcome",
                session=secrets.token_hex(8),
                protocol=1,
                mode=banner().environment,
                heartbeat=self._terms.heartbeat_s,
            )
        )
        self._hub.enter(self, self._on_ring)
        code: int | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                for loop in (self._listen(receive), self._answer(), self._write(), self._watch()):
                    tasks.create_task(loop)
        except* _Gone:
            pass
        except* Leave as ends:
            code = next(end.code for end in ends.exceptions if isinstance(end, Leave))
        finally:
            for seat in self._seats.values():
                self._hub.part(seat)
            await self._hub.leave(self)
        return code

    async def _listen(self, receive: Receive) -> None:
        meter = Meter()
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                raise _Gone
            self._heard_at = self._clock()
            operation = operations.parse(message)
            meter.count(self._heard_at)
            try:
                self._asked.put_nowait(operation)
            except asyncio.QueueFull:
                raise Leave(TOO_FAST_OR_SLOW) from None

    async def _answer(self) -> None:
        while True:
            operation = await self._asked.get()
            try:
                await self._do(operation)
            except Problem as problem:
                self._mailbox.put(err(operation, problem))
            except Leave:
                raise
            except Exception:  # (an edge: whatever a read raises, the client is told and keeps its socket)
                logger.exception("operation %s failed", operation.op)
                self._mailbox.put(err(operation, Problem("unavailable")))

    async def _do(self, operation: Operation) -> None:
        if operation.op == "sub":
            await self._subscribe(operation)
        elif operation.op == "unsub":
            self._unsubscribe(operation)
        elif operation.op == "ping":
            self._mailbox.put(frame("pong", id=operation.id))
        elif operation.op in {"auth", "deadman"}:
            raise Problem("unprocessable", f"{operation.op} is not available on this desk.")
        else:
            raise Problem("unprocessable", f"There is no operation {operation.op[:40]!r}.")

    async def _subscribe(self, operation: Operation) -> None:
        names = operation.channels()
        if len(self._seats.keys() | set(names)) > MAX_CHANNELS:
            raise Leave(TOO_MANY_CHANNELS)
        rung = self._rights_rung
        admitted, refused = await self._admit(names)
        if admitted:
            self._mailbox.put(ack(operation, ch=list(admitted)))
        for problem, denied in refused.values():
            self._mailbox.put(err(operation, problem, ch=denied))
        for name, admission in admitted.items():
            self._sit(name, admission)
        if self._rights_rung != rung:  # rights changed while they were read: perhaps these are the old ones
            self._suspect.set()

    def _sit(self, name: str, admission: Admission) -> None:
        """Take a seat, and give up the one that was held at this channel."""
        if name in self._seats:
            self._hub.part(self._seats[name])
        seat = Seat(name, self._mailbox, only=admission.only, variant=admission.variant)
        self._seats[name] = seat
        self._hub.join(admission.source, seat)

    def _unsubscribe(self, operation: Operation) -> None:
        names = operation.channels()
        for name in names:
            if name in self._seats:
                self._hub.part(self._seats.pop(name))
        self._mailbox.put(ack(operation, ch=names))

    async def _admit(self, names: list[str]) -> Any:
        """Ask afresh what the user may hear. Raises Leave where the session has ended."""
        found = await read(partial(_admitted, self._key, names))
        if found is None:
            raise Leave(NOT_SIGNED_IN)
        return found

    async def _write(self) -> None:
        while True:
            for text in await self._mailbox.take():
                self._writing_since = self._clock()
                if not self._gauge.is_clear:
                    await self._gauge.clear()
                await self._send({"type": "websocket.send", "text": text})
            self._writing_since, self._spoke_at = None, self._clock()

    async def _watch(self) -> None:
        terms = self._terms
        while True:
            try:
                async with asyncio.timeout(terms.look_every_s):
                    await self._suspect.wait()
            except TimeoutError:
                pass
            now = self._clock()
            stalled = self._writing_since is not None and now - self._writing_since > terms.stalled_s
            if self._mailbox.overflowed or stalled:
                raise Leave(TOO_FAST_OR_SLOW)
            if now - self._heard_at > terms.silence_s:
                raise Leave(SILENT)
            if now - self._spoke_at > terms.heartbeat_s and not len(self._mailbox):
                self._mailbox.put(frame("hb"))
            if self._suspect.is_set() or now - self._checked_at > terms.recheck_s:
                self._suspect.clear()
                self._checked_at = now
                await self._check()

    async def _check(self) -> None:
        """Take away what the user may no longer hear, and show anew what they see more or less of."""
        try:
            admitted, refused = await self._admit(list(self._seats))
        except Leave:
            raise
        except Exception as error:  # (an edge: rights that cannot be read are not held)
            logger.exception("the rights of user %s cannot be read", self._user_id)
            raise Leave(GOING_DOWN) from error
        for problem, names in refused.values():
            reason = "forbidden" if problem.kind == "not-found" else problem.kind
            for name in names:
                if name in self._seats:
                    self._hub.part(self._seats.pop(name))
                    self._mailbox.put(frame("revoked", ch=name, reason=reason))
        for name, admission in admitted.items():
            seat = self._seats.get(name)
            if seat is not None and (seat.only, seat.variant) != (admission.only, admission.variant):
                self._sit(name, admission)

    def _on_ring(self, ring: Ring) -> None:
        if ring.topic == "rights" and ring.key in {"", self._user_id}:
            self._rights_rung += 1
            self._suspect.set()


class _Gone(Exception):  # noqa: N818 (not an error: the client has closed)
    """The client is gone; nothing can be sent any more."""


def _admitted(key: str, names: list[str]) -> Any:
    user = visitors.user_of(key)
    return None if user is None else channels.admit_all(user, names)
