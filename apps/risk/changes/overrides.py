"""Letting one exact order past a price collar or a throttle: asked for by one person, granted by another.

The approved request is the override. It lives fifteen minutes and is used up by the order that it lets pass.
"""

import re
from decimal import Decimal
from typing import Any

from apps.marketdata import clock
from apps.portfolio import books
from apps.portfolio.domain.order import OrderRequest, OrderType, Side
from apps.risk.breakers.reading import ACCOUNT
from apps.risk.changes.kind import INSTRUMENT, SLUG, Facts, Kind, choice, digits, maybe, only, text
from apps.risk.domain.change import Change, Payload
from apps.risk.domain.overrides import Overridable, override_hash
from apps.risk.errors import BadChange
from apps.risk.models import RiskReview

ORDER = re.compile(r"[-\w]{1,24}")
HASH = re.compile(r"[0-9a-f]{64}")
SOURCE = re.compile(r"(?:agent|user|token):[-\w. ()@+]{1,90}")
# Beyond half of the price a collar bounds nothing.
WIDEST = Decimal("0.5")
OF_ORDER = ("account", "source", "instrument", "order_hash")


def _clean(payload: Payload) -> Facts:
    """Take the order by its hash, or from the denied review of `order`, a client order id."""
    only(payload, (*OF_ORDER, "check", "wider", "order"))
    check = choice(payload, "check", list(Overridable))
    wider = maybe(payload, "wider")
    if (check == Overridable.COLLAR) is (wider is None):
        raise BadChange("a wider collar belongs to an override of the collar, and to no other")
    if wider is not None and not 0 < wider <= WIDEST:
        raise BadChange(f"wider is a share of the price above 0 and up to {WIDEST}")
    named = _denied(text(payload, "order", like=ORDER)) if payload.get("order") else _given(payload)
    return {**named, "check": check, "wider": digits(wider)}


def _given(payload: Payload) -> Facts:
    account = text(payload, "account", like=SLUG)
    if account not in {known.slug for known in books.accounts()}:
        raise BadChange(f"there is no account {account}")
    return {
        "account": account,
        "source": text(payload, "source", like=SOURCE),
        "instrument": text(payload, "instrument", like=INSTRUMENT),
        "order_hash": text(payload, "order_hash", like=HASH),
    }


def _denied(order: str) -> Facts:
    review = RiskReview.objects.filter(client_order_id=order, verdict="denied").first()
    if review is None:
        raise BadChange(f"no order {order} was denied")
    return {
        "account": review.account,
        "source": review.source,
        "instrument": review.instrument,
        "order_hash": override_hash(_asked(review.request)),
        "order": order,
    }


def _asked(kept: dict[str, Any]) -> OrderRequest:
    """Return the terms of an order as its review kept them."""

    def figure(name: str) -> Decimal | None:
        return None if kept.get(name) is None else Decimal(kept[name])

    return OrderRequest(
        account=kept["account"],
        source=kept["source"],
        instrument=kept["instrument"],
        side=Side(kept["side"]),
        quantity=Decimal(kept["quantity"]),
        order_type=OrderType(kept["order_type"]),
        price=figure("price"),
        stop_loss=figure("stop_loss"),
        take_profit=figure("take_profit"),
        risk_share=figure("risk_share"),
        reduce_only=bool(kept["reduce_only"]),
        ticket=kept.get("ticket") or "",
        signal_key="override",
        requested_at=clock.desk_now(),
    )


def _guard(found: Facts) -> str:
    return f"{ACCOUNT}{found['account']}"


def _nothing(_: Facts) -> Facts:
    return {}


def _granted(_: Change) -> None:
    """Do no more: the approved row is what the permit looks for."""


OVERRIDE = Kind(
    clean=_clean,
    guard=_guard,
    subject=lambda found: f"{found['check']}:{found['order_hash']}",
    before=_nothing,
    apply=_granted,
)
