"""Asks the venue to change or to cancel an order that rests there."""

import contextlib
import logging
import time
from dataclasses import replace

from apps.brokers import last_gate
from apps.brokers.connections import BrokerAdapter
from apps.brokers.dispatch.sending import Sender, fail_point, still_fresh
from apps.brokers.dispatch.storing import as_sent, asked_since, book, off_loop, stored
from apps.brokers.errors import BrokerError, NotSent, Unsupported, VenueRejected
from apps.brokers.last_gate import GateVerdict
from apps.portfolio import ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.terms import NAMES, Terms

logger = logging.getLogger(__name__)


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


async def amend(order: OrderView, *, symbol: str, session: BrokerAdapter, sender: Sender) -> bool:
    """Ask the venue once for the terms of a change that was claimed, and settle what its answer proves.

    False: it was not sent, and is back in line. Without a listed answer it stays pending, and reconciliation
    asks what terms the venue has.
    """
    asked = order.amendment
    if asked is None:
        return True
    changed = replace(order, **{name: getattr(asked.terms, name) for name in NAMES})
    order_id = order.client_order_id
    try:
        verdict = await _amend_refused(changed, order, session, sender)
        if verdict is not None:
            return await _leave(order, verdict)
        fail_point("amending")
        changes = Terms.of(order).changes(asked.terms)
        await session.amend(as_sent(changed, symbol), order.venue_order_id, changes=changes)
    except NotSent as error:
        return await _leave(order, GateVerdict(passed=False, reason=str(error), may_wait=True))
    except (VenueRejected, Unsupported) as error:
        await _after_refusal(order, str(error), symbol=symbol, session=session)
    except BrokerError as error:
        logger.warning("the change of %s got no answer: %s", order_id, error)
    else:
        await stored(ledger.amend_done, order_id=order_id, detail="the venue took it")
    return True


async def _after_refusal(order: OrderView, text: str, *, symbol: str, session: BrokerAdapter) -> None:
    """Let the order work on as it was, unless it has ended: then that is why the venue refused."""
    with contextlib.suppress(BrokerError):  # reconciliation asks again
        report = await session.find(as_sent(order, symbol), since=asked_since(order))
        if report is not None and report.status.is_final:
            await book(order.account, report)
    await stored(ledger.amend_refused, order_id=order.client_order_id, detail=text)


async def _leave(order: OrderView, verdict: GateVerdict) -> bool:
    """Store that no byte of a change left: back in line where it may pass later, else given up."""
    logger.warning("the change of %s was not sent: %s", order.client_order_id, verdict.reason)
    order_id, asked = order.client_order_id, order.amendment
    if verdict.may_wait and asked is not None and asked.fence is not None:
        await stored(ledger.amend_not_sent, order_id=order_id, detail=verdict.reason, fence=asked.fence)
        return False
    await stored(ledger.amend_refused, order_id=order_id, detail=verdict.reason)
    return True


async def _amend_refused(
    changed: OrderView, order: OrderView, session: BrokerAdapter, sender: Sender
) -> GateVerdict | None:
    """Ask the last gate about a change: what it leads to is judged where it adds risk."""
    asked, asked_at = order.amendment, time.monotonic()
    if asked is None:
        return None
    as_permitted = replace(
        changed,
        breaker_epochs=dict(asked.breaker_epochs),
        fence=asked.fence,
        boot_id=asked.boot_id,
        deadline_boottime_ns=asked.deadline_boottime_ns,
    )
    verdict = await off_loop(
        last_gate.check_change, dsn=sender.dsn, gate_dir=sender.gate_dir, order=as_permitted, before=order
    )
    return still_fresh(verdict, asked_at, session)
