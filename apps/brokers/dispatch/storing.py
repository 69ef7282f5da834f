"""Rows from within the gateway's loop, and what the venue said put into them."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar, cast

from channels.db import database_sync_to_async
from django.db import DatabaseError, InterfaceError, OperationalError

from apps.brokers.connections import VenueOrder
from apps.marketdata import clock
from apps.portfolio import ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.report import CashMovement, ExecutionReport, ReportedFill
from apps.portfolio.errors import BadReport, Busy
from apps.risk import alerts, breakers

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
LONGEST_STORE_PAUSE_S = 2.0
PASSING = (OperationalError, InterfaceError, Busy)  # the database is away, or somebody holds the account
UNBOOKABLE = (BadReport, ValueError, ArithmeticError, DatabaseError)  # it never will be, as it stands


async def off_loop(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a door or a shelf in a thread: rows may block, the loop may not."""
    in_thread = database_sync_to_async(function, thread_sensitive=False)
    return cast("T", await in_thread(*args, **kwargs))


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


async def book(account: str, report: ExecutionReport) -> None:
    """Book what the venue said of an order of ours, and let the breaker see the account as it is now.

    A report that cannot be booked leaves the order in doubt with an alert: the venue is asked again.
    """
    try:
        applied = await stored(ledger.apply, account=account, report=report)
    except UNBOOKABLE as error:
        await _tell_unbookable(account, f"order {report.client_order_id}", report.client_order_id, error)
        return
    if applied.new_fills:
        await judge(account)


async def book_external(
    account: str, fills: Sequence[ReportedFill], cash: Sequence[CashMovement]
) -> ledger.Booked:
    """Book what the venue did without an order of ours, and return what of it was new.

    What cannot be booked is an alert, and keeps nothing else from being booked.
    """
    try:
        return await stored(ledger.book_external, account=account, fills=fills, cash=cash)
    except UNBOOKABLE as error:
        names = [fill.execution_id for fill in fills] + [movement.movement_id for movement in cash]
        if len(names) == 1:
            await _tell_unbookable(account, f"what the venue calls {names[0]!r}", repr(names[0]), error)
            return ledger.Booked(new_fills=(), new_cash=())
    in_order = sorted(fills, key=lambda fill: (fill.executed_at, fill.execution_id))
    parts = [await book_external(account, (fill,), ()) for fill in in_order]
    parts += [await book_external(account, (), (movement,)) for movement in cash]
    return ledger.Booked(
        new_fills=tuple(fill for part in parts for fill in part.new_fills),
        new_cash=tuple(movement for part in parts for movement in part.new_cash),
    )


async def _tell_unbookable(account: str, what: str, name: str, error: Exception) -> None:
    logger.error("%s cannot be booked on %s: %s", what, account, error)
    why = str(error).partition("\n")[0].replace("\0", "")
    await stored(
        alerts.raise_alert,
        level="critical",
        rule="unbookable_report",
        scope=f"account:{account}",
        text=f"{what}: {why}",
        key=f"unbookable:{name}",
    )


async def judge(account: str) -> None:
    """Evaluate the breaker after a fill. A failure undoes no booking: the next valuation follows."""
    try:
        await off_loop(breakers.evaluate, account)
    except Exception:  # the edge between booking and judging
        logger.exception("the breaker of %s could not be evaluated after a fill", account)


async def stored(write: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Write what only this process knows, and keep trying while the database is away or the account busy.

    What no waiting mends is raised: another DatabaseError, BadReport.
    """
    pause_s = 0.05
    while True:
        try:
            return await off_loop(write, *args, **kwargs)
        except PASSING as error:
            logger.warning("%s waits for the database: %s", getattr(write, "__name__", "write"), error)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_STORE_PAUSE_S)
