"""The dialog that takes an order back."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.enums import ActionVariant

from apps.edges import dialogs, rights
from apps.portfolio import ledger
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.errors import Busy
from apps.portfolio.models import Order

CANCEL: Any = {
    "title": "Cancel this order",
    "description": "At once while it is only ours; at the venue it may still fill before the cancel arrives.",
    "form_class": dialogs.NoteDialog,
    "form_submit_text": "Cancel the order",
}
SENTENCES = {
    OrderStatus.CANCELLED: "The order is cancelled.",
    OrderStatus.CANCEL_PENDING: "The venue is asked to cancel the order.",
}


class NotCancelled(Exception):  # noqa: N818 (it names what was found)
    """The order had ended, or is on its way to the venue."""


class Cancelling:
    """Gives the page of orders its action."""

    actions_detail = ("cancel",)
    actions_row = ("cancel",)
    if TYPE_CHECKING:

        def allows(self, request: HttpRequest, right: str, object_id: Any = None) -> bool: ...

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "order.cancel", object_id)

    @action(
        description="Cancel", url_path="cancel", icon="cancel", variant=ActionVariant.WARNING,
        permissions=["cancel"], dialog=CANCEL,
    )  # fmt: skip
    def cancel(self, request: HttpRequest, form: dialogs.NoteDialog, object_id: str) -> HttpResponse:
        del form
        order_id = Order.objects.values_list("client_order_id", flat=True).get(pk=object_id)

        def act() -> str:
            stands = ledger.request_cancel(order_id=order_id, by=rights.actor(request.user)).status
            if stands not in SENTENCES:
                raise NotCancelled(f"The order is {stands.value} and was not cancelled.")
            return SENTENCES[stands]

        page = reverse("admin:portfolio_order_change", args=(object_id,))
        return dialogs.answer(request, to=page, act=act, errors=(NotCancelled, Busy))
