"""What risk and the ledger say, as REST answers."""

import hashlib
from collections.abc import Callable
from typing import Any

from rest_framework.request import Request

from apps.edges import idempotency, problems, rights
from apps.edges.problems import Problem
from apps.portfolio import bodies, books
from apps.portfolio.books import OrderView
from apps.risk import review
from apps.risk.domain.verdict import Approved, Denied, Verdict
from apps.risk.errors import Busy, Refused

LONGEST_KEY = 120


def busy(error: Exception) -> Problem:
    """Return that somebody else holds the account: nothing was done, the same key may be sent again."""
    return problems.busy(f"{error}. Nothing was done: send it again with the same key.")


def source_of(user: Any) -> str:
    """Return the name under which ledgers keep a person's orders."""
    return f"user:{user.pk}"


def signal_key(kind: str, name: str) -> str:
    """Return the intent's name for good, as a column can hold it: `order`, `ref` or `close`, and its key."""
    key = f"{kind}:{name}"
    return key if len(key) <= LONGEST_KEY else f"{kind}:{hashlib.sha256(name.encode()).hexdigest()}"


def key_of(request: Request) -> str:
    return idempotency.key_of(request)


def body_of(order_id: str) -> dict[str, Any]:
    return bodies.order_body(order_id)


def visible_order(user: Any, order_id: str) -> OrderView:
    """Return an order. Raise a 404 problem where there is none on an account that the user may see."""
    order = books.find_order(order_id)
    if order is None or order.account not in rights.visible(user, rights.ACCOUNT):
        raise Problem("not-found", f"There is no order {order_id}.")
    return order


def answered(ask: Callable[[], Verdict], *, denial: Callable[[Denied], Problem] | None = None) -> OrderView:
    """Return the approved order. Raise the problem that a denial, a refusal or a busy account is."""
    try:
        verdict = ask()
    except Busy as error:
        raise busy(error) from error
    except Refused as refused:
        raise Problem("unprocessable", str(refused), reason=refused.reason) from refused
    if isinstance(verdict, Approved):
        return verdict.order
    raise (denial or _denial)(verdict)


def change_denied(denied: Denied) -> Problem:
    """Return what denies the change of an order, which works on as it was."""
    halted = any(breach.check.startswith("breaker_") for breach in denied.reasons)
    return Problem(
        "trading-halted" if halted else "risk-denied",
        "; ".join(breach.text or breach.reason for breach in denied.reasons),
        order=denied.order.client_order_id if denied.order else None,
        checks=[breach.as_json() | {"passed": False} for breach in denied.reasons],
    )


def _denial(denied: Denied) -> Problem:
    """Return what denies an order: by a breaker it is halted, else denied."""
    halted = any(breach.check.startswith("breaker_") for breach in denied.reasons)
    order = denied.order
    kept = review.stored(order.review_id) if order is not None and order.review_id else None
    return Problem(
        "trading-halted" if halted else "risk-denied",
        "; ".join(breach.text or breach.reason for breach in denied.reasons),
        order=order.client_order_id if order else None,
        checks=list(kept.checks)
        if kept
        else [breach.as_json() | {"passed": False} for breach in denied.reasons],
    )
