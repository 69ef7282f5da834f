"""Sends one claimed order, once."""

import asyncio
import logging
import os
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from apps.brokers import last_gate
from apps.brokers.connections import BrokerAdapter
from apps.brokers.dispatch.storing import as_sent, book, off_loop, stored
from apps.brokers.errors import NotSent, VenueRejected
from apps.brokers.last_gate import GateVerdict
from apps.portfolio import ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.report import ExecutionReport

logger = logging.getLogger(__name__)
GATE_TO_BYTE_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The one incarnation of the gateway that may send. `lease_s` is longer than any call to a venue."""

    owner: str
    fence: int
    gate_dir: Path
    dsn: str
    lease_s: float = 15.0


def fail_point(name: str) -> None:
    """Die here, as if killed, when a crash test asks for it; a desk with a live venue never does."""
    if os.environ.get("MTQ_FAIL_POINT") == name and settings.MTQ_WORLD == "sim":
        os.kill(os.getpid(), signal.SIGKILL)


async def send(order: OrderView, *, symbol: str, session: BrokerAdapter, sender: Sender) -> bool:
    """Carry a claimed order to the venue, once, and book what the venue says.

    Returns when the outcome is stored; False: the order is back in line, proven not sent, and may be
    claimed again a moment later. Cancelled in the middle, it leaves the order UNKNOWN.
    """
    fail_point("sending")
    way = _Way()
    try:
        refused = await _refused(order, session, sender)
        if refused is not None:
            return await _turn_back(order, refused)
        way.taken = True
        report = await session.submit(as_sent(order, symbol))
        fail_point("answered")
    except NotSent as error:
        return await _turn_back(order, GateVerdict(passed=False, reason=str(error), may_wait=True))
    except VenueRejected as error:
        report = refusal(order, code=error.code, text=error.text)
    except BaseException as error:
        await asyncio.shield(_doubt(order, error, way))
        if not isinstance(error, Exception):
            raise
        return way.taken
    await book(order.account, report)
    return True


@dataclass(slots=True)
class _Way:
    """Whether the venue was called: before that no byte can have left."""

    taken: bool = False


def refusal(order: OrderView, *, code: str, text: str) -> ExecutionReport:
    """Report an order as refused by the venue, with the venue's proof."""
    return ExecutionReport(
        client_order_id=order.client_order_id,
        status=OrderStatus.REJECTED,
        code=code,
        text=text,
        reported_at=datetime.now(UTC),
    )


async def _refused(order: OrderView, session: BrokerAdapter, sender: Sender) -> GateVerdict | None:
    """Ask the last gate, and see that its word is still fresh; None: go."""
    asked_at = time.monotonic()
    verdict = await off_loop(last_gate.check, dsn=sender.dsn, gate_dir=sender.gate_dir, order=order)
    return still_fresh(verdict, asked_at, session)


def still_fresh(verdict: GateVerdict, asked_at: float, session: BrokerAdapter) -> GateVerdict | None:
    if not verdict.passed:
        return verdict
    if time.monotonic() - asked_at > GATE_TO_BYTE_S or not session.connected:
        reason = "no way to the venue within 200 ms of the last gate"
        return GateVerdict(passed=False, reason=reason, may_wait=True)
    return None


async def _turn_back(order: OrderView, verdict: GateVerdict) -> bool:
    """Store that no byte left: back in line where the order may pass later, else over and its room free."""
    logger.warning("%s was not sent: %s", order.client_order_id, verdict.reason)
    if verdict.may_wait:
        await stored(
            ledger.not_sent, order_id=order.client_order_id, detail=verdict.reason, fence=order.fence
        )
        return False
    ended = ExecutionReport(
        client_order_id=order.client_order_id,
        status=OrderStatus.EXPIRED,
        code="last_gate",
        text=verdict.reason,
        reported_at=datetime.now(UTC),
    )
    await book(order.account, ended)
    return True


async def _doubt(order: OrderView, error: BaseException, way: _Way) -> None:
    if not way.taken:
        await _turn_back(order, GateVerdict(passed=False, reason=repr(error), may_wait=True))
        return
    logger.warning("the venue may have %s: %r", order.client_order_id, error)
    await stored(ledger.mark_unknown, order_id=order.client_order_id, detail=repr(error))
