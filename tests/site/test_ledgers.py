"""Facts are read-only to everyone: no page of the desk changes a row behind its door's back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse

from apps.edges.ledgers import RecordAdmin
from tests.site import rows

OURS = {"marketdata", "portfolio", "risk", "brokers", "agents"}
PAGES = {
    model._meta.label_lower: page
    for model, page in admin.site._registry.items()
    if model._meta.app_label in OURS
}


def test_every_page_of_the_five_apps_is_a_record_page() -> None:
    assert all(isinstance(page, RecordAdmin) for page in PAGES.values())


@pytest.mark.parametrize("label", PAGES)
def test_not_even_a_superuser_may_add_change_or_delete(
    label: str, cast: dict[str, User], rf: RequestFactory
) -> None:
    request = rf.get("/")
    request.user = cast["admin"]
    page: Any = PAGES[label]
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
    assert all(not inline.has_change_permission(request) for inline in page.get_inline_instances(request))


def test_posts_to_a_ledger_are_refused(sign_in: Callable[[str], Client], desk: rows.Desk) -> None:
    browser = sign_in("admin")
    for verb, args in (
        ("add", ()),
        ("change", (desk.order.pk,)),
        ("delete", (desk.order.pk,)),
        ("changelist", ()),
    ):
        page = reverse(f"admin:portfolio_order_{verb}", args=args)
        assert browser.post(page, {"status": "filled", "action": "delete_selected"}).status_code == 403
    desk.order.refresh_from_db()
    assert desk.order.status == "denied"


@pytest.mark.parametrize("label", PAGES)
def test_every_object_has_a_page_for_a_viewer(
    label: str, sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    model = PAGES[label].model
    row = model._default_manager.first()
    if row is None:
        pytest.skip("the small desk has no such row")
    page = reverse(f"admin:{label.replace('.', '_')}_change", args=(row.pk,))
    assert sign_in("viewer").get(page).status_code == 200


@pytest.mark.parametrize(("address", "status"), [("?source=%00", 400), ("no-number/change/", 302)])
def test_an_address_that_nobody_clicked_together_is_no_failure(
    address: str, status: int, sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    page = reverse("admin:risk_sizingrule_changelist")
    assert sign_in("risk").get(f"{page}{address}").status_code == status
