"""An intent that stayed busy until its time was over: it is denied, so that it cannot pass any more."""

from typing import Any

from django.conf import settings
from django.db import transaction

from apps.portfolio import books, ledger, locks
from apps.portfolio.domain.order import OrderRequest, OrderStatus, client_order_id
from apps.portfolio.domain.views import OrderView
from apps.risk.domain.verdict import Breach
from apps.risk.review import keeping, loading, putting
from apps.risk.review.busy import busy_without_verdict
from apps.risk.review.reading import Rows

WHY = Breach(check="intent", reason="busy_expired", text="nobody could judge it before its time was over")


def deny_expired(request: OrderRequest) -> OrderView:
    """Store an intent without a verdict as denied `busy_expired`; one that has a verdict keeps it.

    Raise Busy, and UnknownAccount.
    """
    order_id = client_order_id(
        deployment=settings.MTQ_DEPLOYMENT,
        source=request.source,
        signal_key=request.signal_key,
        leg=request.leg,
    )
    wanted = locks.of_exit(account=request.account, source=request.source)
    with busy_without_verdict(), locks.deadline(wanted.wait_s), transaction.atomic():
        rows = loading.load(request, order_id, wanted)
        return books.order(order_id) if rows.is_known else _put(request, order_id, rows)


def _put(request: OrderRequest, order_id: str, rows: Rows) -> OrderView:
    born = ledger.draft(
        request=request,
        order_id=order_id,
        status=OrderStatus.DENIED,
        quantity=request.quantity,
        reservation=None,
        place=rows.place,
        reasons=[WHY.as_json()],
        epochs=rows.epochs,
        limit_versions=rows.limits.versions(),
    )
    document: dict[str, Any] = born.documents | {
        "take": None,
        "review": keeping.document(keeping.expiry_of(request, WHY, order_id=order_id)),
        "buckets": [],
        "overrides": [],
    }
    answer = putting.write(document)
    born.ring()
    return born.view(review_id=answer["review"])
