"""The one door to a venue: agents, people and enforcement all ask here, and risk answers first."""

from apps.brokers import connections
from apps.brokers.domain import routing
from apps.portfolio import ledger
from apps.portfolio.domain.order import OrderRequest
from apps.risk import review
from apps.risk.domain.verdict import Approved, Verdict


def submit(*, request: OrderRequest) -> Verdict:
    """Ask risk for leave and put the approved order where the gateway finds it. Raise Busy or Refused.

    Repeating a request is harmless: the same intent gets the verdict that is stored for it.
    """
    verdict = review.permit(request=request)
    if isinstance(verdict, Approved) and routing.choose(verdict, connections.enabled()) is None:
        # Nobody would ever pick it up: its room is freed now and not when it expires.
        ledger.cancel_local(
            order_id=verdict.order.client_order_id, detail="no enabled connection serves the account"
        )
    return verdict


def cancel(*, client_order_id: str, by: str) -> None:
    """Take an unsent order back, or have the gateway cancel it at the venue. Ended orders stay so."""
    ledger.request_cancel(order_id=client_order_id, by=by)
