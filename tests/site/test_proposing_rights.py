"""Who proposes for an account or agent needs the right on that very one, on pages as over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from apps.edges import grants
from apps.risk.models import ChangeRequest, InstrumentPermission, RiskReview
from tests.site import rows

SignIn = Callable[[str], Client]
REASON = "asked for by the book's owner"
REQUEST = {
    "account": "paper-1", "source": "user:7", "instrument": "EURUSD", "side": "buy", "quantity": "1",
    "order_type": "market", "reduce_only": False,
}  # fmt: skip
REFUSED = "You do not hold the right to propose this on its account or agent."


def _said(browser: Client, name: str, **fields: str) -> list[str]:
    """Send a dialog of a list; return what the page that follows says."""
    answer: Any = browser.post(
        reverse(f"admin:{name}"), {"_form_submitted": "True", "reason": REASON, **fields}
    )
    return [str(message) for message in get_messages(answer.wsgi_request)]


def _override(browser: Client) -> list[str]:
    return _said(browser, "risk_changerequest_propose_override", order="denied-1", check="throttle", wider="")


@pytest.fixture
def denied(desk: rows.Desk) -> None:
    RiskReview.objects.create(
        client_order_id="denied-1", account="paper-1", source="user:7", instrument="EURUSD", verdict="denied",
        request=REQUEST, elapsed_ms=1,
    )  # fmt: skip


def test_an_override_is_asked_for_by_who_trades_the_account(denied: None, sign_in: SignIn) -> None:
    grants.revoke(Group.objects.get(name="trader"), "trade_account", kind="account", slug="paper-1")
    before = ChangeRequest.objects.count()
    assert _override(sign_in("trader")) == [REFUSED]
    assert ChangeRequest.objects.count() == before
    assert "waits for a second person" in _override(sign_in("risk"))[0]


@pytest.mark.parametrize("wider", [True, False])
def test_an_instrument_is_permitted_by_who_operates_the_agent(
    wider: bool, desk: rows.Desk, sign_in: SignIn
) -> None:
    if not wider:
        InstrumentPermission.objects.all().delete()
    grants.revoke(Group.objects.get(name="risk"), "operate_agent", kind="agent", slug=desk.agent.slug)
    before = InstrumentPermission.objects.count(), ChangeRequest.objects.count()
    source = f"agent:{desk.agent.slug}"
    said = _said(sign_in("risk"), "risk_instrumentpermission_permit", source=source, instrument="EURUSD")
    assert said == [REFUSED]
    assert (InstrumentPermission.objects.count(), ChangeRequest.objects.count()) == before


def test_a_sizing_rule_is_proposed_by_who_operates_the_agent(
    desk: rows.Desk, sign_in: SignIn, valkey: str
) -> None:
    source, browser = f"agent:{desk.agent.slug}", sign_in("risk")
    grants.revoke(Group.objects.get(name="risk"), "operate_agent", kind="agent", slug=desk.agent.slug)
    before = ChangeRequest.objects.count()
    page = "risk_sizingrule_propose_new"
    assert _said(browser, page, source_of_orders=source, risk_fraction="0.01") == [REFUSED]
    body = {"kind": "sizing", "payload": {"source": source, "risk_fraction": "0.01"}, "reason": REASON}
    answer = browser.post(
        "/api/v1/changes/", body, content_type="application/json", headers={"Idempotency-Key": "sizing-1"}
    )
    assert (answer.status_code, ChangeRequest.objects.count()) == (403, before)
