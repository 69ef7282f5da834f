"""Limits as a trader sees them in the web app, and risk staff in the admin: a real browser before a desk."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import CHROMIUM, Desk
from tests.pages.test_reading import serious
from tests.pages.test_trading import link

pytestmark = [
    pytest.mark.pages,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]
SignIn = Callable[..., Page]
ADMIN_PAGES = (
    "risk/risklimit/headroom/",
    "risk/riskreview/denials/",
    "risk/risksnapshot/figures/",
)


def test_the_ticket_names_the_check_that_would_deny_and_by_how_much(sign_in: SignIn) -> None:
    page = sign_in("trader")
    link(page, "Live")
    page.get_by_role("textbox", name="Quantity").fill("40")
    denied = page.get_by_text("Denied by")
    expect(denied.first).to_contain_text("over")
    expect(page.get_by_text("of 5 lots, 35 lots over").first).to_be_visible()


def test_the_limits_of_an_account_are_bars_with_words_reached_by_keyboard(sign_in: SignIn) -> None:
    page = sign_in("trader")
    link(page, "Live")
    page.get_by_role("tab", name="Equity and drawdown").focus()
    page.keyboard.press("ArrowRight")
    rows = page.get_by_role("list", name="Limits, those most used first").get_by_role("listitem")
    expect(rows.filter(has_text="account paper-1 gross").first).to_contain_text("left")
    assert serious(page) == []


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_pages_of_risk_in_the_admin_have_no_serious_finding(desk: Desk, sign_in: SignIn, scheme: str) -> None:
    page = sign_in("risk")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in ADMIN_PAGES:
        page.goto(f"{desk.web}/admin/{path}")
        expect(page.locator("#content .mtq-card").first).to_be_visible()
        assert serious(page) == [], path
