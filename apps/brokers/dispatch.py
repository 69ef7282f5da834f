"""Sends approved orders: claimed and committed as SENDING, past the last gate, then once to the venue.

Nothing is ever sent twice. Proof that no byte left gives the order back, a listed refusal ends it, and
everything else that is not an answer is doubt: UNKNOWN, and `reconciliation` asks the venue about it.
"""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError

from apps.brokers import last_gate
from apps.brokers.connections import BrokerAdapter, VenueOrder
from apps.brokers.errors import BrokerError, NotSent, VenueRejected
from apps.brokers.last_gate import GateVerdict
from apps.marketdata import clock
from apps.portfolio import ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.report import ExecutionReport
from apps.portfolio.errors import BadReport, Busy
from apps.risk import alerts, breakers

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
GATE_TO_BYTE_S = 0.2
LONGEST_STORE_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The one incarnation of the gateway that may send. `lease_s` is longer than any call to a venue."""

    owner: str
    fence: int
    gate_dir: Path
    dsn: str
    lease_s: float = 15.0


async def off_loop(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a door or a shelf in a thread: rows may block, the loop may not."""
    in_thread = database_sync_to_async(function, thread_sensitive=False)
    return cast("T", await in_thread(*args, **kwargs))


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


def as_sent(order: OrderView, symbol: str) -> VenueOrder:
    """Say an order in the words of a venue."""
    return VenueOrder(
        client_order_id=order.client_order_id,
        number=order.number,
        instrument=order.instrument,
        symbol=symbol,
        side=order.side,
        quantity=order.quantity,
        order_type=order.order_type,
        price=order.price,
        stop_loss=order.stop_loss,
        take_profit=order.take_profit,
        ticket=order.ticket,
    )


def asked_since(order: OrderView) -> datetime:
    """Return desk time one minute of wall time before the order was asked for: nothing of it is older."""
    return order.requested_at - timedelta(seconds=max(60.0, 60.0 * clock.speed()))


def refusal(order: OrderView, *, code: str, text: str) -> ExecutionReport:
    """Report an order as refused by the venue, with the venue's proof."""
    return ExecutionReport(
        client_order_id=order.client_order_id,
        status=OrderStatus.REJECTED,
        code=code,
        text=text,
        reported_at=datetime.now(UTC),
    )


async def cancel(order: OrderView, *, symbol: str, session: BrokerAdapter) -> None:
    """Ask the venue to cancel, and book what it says of the order then. Unanswered, it stays pending."""
    refused = ""
    try:
        await session.cancel(order.venue_order_id)
    except VenueRejected as error:
        refused = str(error)
    except BrokerError as error:
        logger.warning("the cancel of %s got no answer: %s", order.client_order_id, error)
        return
    report = await session.find(as_sent(order, symbol), since=asked_since(order))
    if report is not None and (report.status.is_final or report.fills):
        await book(order.account, report)
    elif refused:
        await stored(ledger.cancel_refused, order_id=order.client_order_id, detail=refused)


async def book(account: str, report: ExecutionReport) -> None:
    """Book what the venue said of an order of ours, and let the breaker see the account as it is now.

    A report that cannot be booked leaves the order in doubt with an alert: the venue is asked again.
    """
    try:
        applied = await stored(ledger.apply, account=account, report=report)
    except (BadReport, ValueError) as error:
        logger.error("the report on %s cannot be booked: %s", report.client_order_id, error)  # noqa: TRY400
        await off_loop(
            alerts.raise_alert,
            level="critical",
            rule="unbookable_report",
            scope=f"account:{account}",
            text=f"order {report.client_order_id}: {error}",
            key=f"unbookable:{report.client_order_id}",
        )
        return
    if applied.new_fills:
        await judge(account)


async def judge(account: str) -> None:
    """Evaluate the breaker after a fill. A failure undoes no booking: the next valuation follows."""
    try:
        await off_loop(breakers.evaluate, account)
    except Exception:  # the edge between booking and judging
        logger.exception("the breaker of %s could not be evaluated after a fill", account)


async def stored(write: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Write what only this process knows, and keep trying while the database is away or the account busy."""
    pause_s = 0.05
    while True:
        try:
            return await off_loop(write, *args, **kwargs)
        except (DatabaseError, Busy) as error:
            logger.warning("%s waits for the database: %s", getattr(write, "__name__", "write"), error)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_STORE_PAUSE_S)


async def _refused(order: OrderView, session: BrokerAdapter, sender: Sender) -> GateVerdict | None:
    """Ask the last gate, and see that its word is still fresh; None: go."""
    asked_at = time.monotonic()
    verdict = await off_loop(last_gate.check, dsn=sender.dsn, gate_dir=sender.gate_dir, order=order)
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
