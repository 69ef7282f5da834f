"""The one door to a venue: agents, people and enforcement all ask here, and risk answers first."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal

from django.db import IntegrityError

from apps.brokers import connections
from apps.brokers.domain import routing
from apps.brokers.errors import NothingToClose, RefTaken, Unsupported
from apps.marketdata import clock, instruments
from apps.portfolio import books, ledger
from apps.portfolio.books import OrderView, PositionView
from apps.portfolio.domain.order import OrderRequest, Side
from apps.portfolio.errors import Busy as AccountHeld
from apps.risk import review
from apps.risk.domain.verdict import Approved, Verdict
from apps.risk.errors import Busy

ONE_REF = "portfolio_order_client_ref"  # the constraint: one order of an account has a client's name


def submit(*, request: OrderRequest) -> Verdict:
    """Ask risk for leave and put the approved order where the gateway finds it.

    Repeating a request is harmless: the same intent gets the verdict that is stored for it. Raise Busy,
    Refused, RefTaken.
    """
    try:
        verdict = review.permit(request=request)
    except IntegrityError as error:
        if ONE_REF in str(error):
            text = f"{request.client_ref} is the name of another order of {request.account}"
            raise RefTaken(text) from error
        raise
    if isinstance(verdict, Approved) and routing.choose(verdict, connections.enabled()) is None:
        # Nobody would ever pick it up: its room is freed now and not when it expires.
        order_id, detail = verdict.order.client_order_id, "no enabled connection serves the account"
        with _one_busy():
            ledger.cancel_local(order_id=order_id, detail=detail)
    return verdict


def expire(*, request: OrderRequest) -> None:
    """Keep that an intent found nobody to judge it before its time was over. Raise Busy, UnknownAccount."""
    review.deny_expired(request)


def cancel(*, client_order_id: str, by: str) -> OrderView:
    """Take an unsent order back, or have the gateway cancel it at the venue; return the order as it is then.

    Ended orders stay so, and what is in flight is left alone. Raise UnknownOrder, Busy.
    """
    with _one_busy():
        return ledger.request_cancel(order_id=client_order_id, by=by)


def amend(*, client_order_id: str, changes: Mapping[str, Decimal | None], by: str) -> Verdict:
    """Ask risk for leave to change a resting order, and have the gateway ask its venue: the same order.

    `changes` are terms by name, None to take a price off; what is asked for already changes nothing. Raise
    UnknownOrder, NotAmendable, Unsupported where the venue cannot, Busy, Refused.
    """
    order = books.order(client_order_id)
    asked = {name for name, value in changes.items() if getattr(order, name) != value}
    views = [view for view in connections.enabled() if view.account == order.account]
    cannot = sorted(asked - frozenset[str]().union(*(view.amend for view in views)))
    if cannot:
        text = f"the venue cannot change the {' and '.join(cannot)} of a resting order"
        raise Unsupported(f"{text.replace('_', ' ')}: cancel it and send another")
    return review.permit_amend(order_id=client_order_id, changes=changes, by=by)


def close_position(
    *, position: PositionView, source: str, signal_key: str, quantity: Decimal | None = None, reason: str = ""
) -> Verdict:
    """Ask for a person's exit of a position, of all that the venue takes in one order unless told less.

    It is an exit at the account's scope: what the person holds is closed first, then what other sources
    hold on that side, in proportion. So the account's net row and a person's own row can be closed, an
    agent's row cannot: it closes with the account's, or by the agent itself.
    Raise NothingToClose, Busy, Refused.
    """
    held = position.quantity
    if position.source not in {"", source}:
        text = f"{position.source} holds this: pause it and close the account's {position.instrument} instead"
        raise NothingToClose(text)
    if position.hedging:
        raise NothingToClose("this account holds tickets that are closed one by one")
    if not held:
        raise NothingToClose(f"nothing of {position.instrument} is held")
    request = OrderRequest(
        account=position.account,
        source=source,
        instrument=position.instrument,
        side=Side.of(-held),
        quantity=quantity or min(abs(held), instruments.spec(position.instrument).lot_max),
        reduce_only=True,
        signal_key=signal_key,
        requested_at=clock.desk_now(),
    )
    verdict = submit(request=request)
    if reason and isinstance(verdict, Approved):
        _keep_reason(verdict.order, reason)
    return verdict


def _keep_reason(order: OrderView, reason: str) -> None:
    """Put why a person closed a position beside the order's other entries of the audit trail. Raise Busy."""
    with _one_busy():
        ledger.keep_reason(order_id=order.client_order_id, by=order.source, reason=reason)


@contextmanager
def _one_busy() -> Iterator[None]:
    """Tell callers of one Busy only, risk's, also where it is the ledger that finds the account held."""
    try:
        yield
    except AccountHeld as error:
        raise Busy(str(error)) from error
