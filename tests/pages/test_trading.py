"""What a trader does in the web app, in a real browser before a whole desk."""

import os
import re
import signal
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.pages.conftest import CHROMIUM, Desk

pytestmark = [
    pytest.mark.pages,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]
SignIn = Callable[..., Page]
PLACE = "/trade?symbol=GBPUSD&tab=fills"
FORGET_EVERYBODY = "from django.contrib.sessions.models import Session; Session.objects.all().delete()"
TICK = Decimal("0.00001")
AGENTS = re.compile("(eurusd|gbpusd|usdjpy|xauusd)-")


def link(page: Page, state: str) -> None:
    expect(page.get_by_role("status", name=f"Connection: {state}")).to_be_visible()


def rows(page: Page, tab: str) -> Locator:
    page.get_by_role("tab", name=tab).click()
    return page.get_by_role("tabpanel").get_by_role("row")


def test_a_wrong_password_is_told_and_lets_nobody_in(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("viewer")
    page.get_by_role("button", name="viewer").click()
    page.get_by_role("menuitem", name="Log out").click()
    page.get_by_role("textbox", name="User").fill("viewer")
    page.get_by_role("textbox", name="Password").fill("not this one")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")


def test_an_order_of_an_agent_appears_without_a_reload(sign_in: SignIn) -> None:
    page = sign_in("viewer")
    link(page, "Live")
    history = rows(page, "Fills")
    expect(history.filter(has_text=AGENTS).first).to_be_visible()
    newest = history.nth(1).inner_text()
    expect(history.nth(1)).not_to_have_text(newest)


def test_a_market_order_by_hand_is_previewed_sent_and_filled(sign_in: SignIn) -> None:
    page = sign_in("trader")
    link(page, "Live")
    page.get_by_role("textbox", name="Quantity").fill("0.01")
    expect(page.get_by_text("checks would pass")).to_be_visible()
    page.get_by_role("button", name="Buy 0.01").click()
    confirm(page)
    expect(
        rows(page, "Order history").filter(has_text="trader").filter(has_text="filled").first
    ).to_be_visible()


def beside(page: Page, side: str, ticks: int) -> str:
    """Return a EURUSD price so many ticks from the market, as the ticket shows it."""
    shown = page.get_by_role("button", name=side, exact=False).locator("strong").first.inner_text()
    return f"{Decimal(shown) + ticks * TICK}"


def test_a_share_of_equity_at_risk_becomes_lots_and_is_filled(sign_in: SignIn) -> None:
    page = sign_in("trader", "/trade?symbol=EURUSD")
    link(page, "Live")
    page.get_by_text("% of equity at risk").click()
    page.get_by_role("textbox", name="Equity at risk").fill("0.02")
    page.get_by_role("textbox", name="Stop loss").fill(beside(page, "Buy", -500))
    expect(page.get_by_text(re.compile(r"Comes to 0\.0[1-9] lots"))).to_be_visible()
    page.get_by_role("button", name="0.02 % risk").click()
    confirm(page)
    mine = rows(page, "Order history").filter(has_text="trader").filter(has_text="EURUSD")
    expect(mine.filter(has_text="filled").first).to_be_visible()


def test_a_waiting_order_is_changed_and_the_venue_takes_it(sign_in: SignIn) -> None:
    page = sign_in("trader", "/trade?symbol=EURUSD")
    link(page, "Live")
    page.get_by_text("Limit", exact=True).click()
    page.get_by_role("textbox", name="Limit price").fill(beside(page, "Buy", -700))
    page.get_by_role("button", name="Buy 0.01 EURUSD limit").click()
    confirm(page)
    mine = rows(page, "Working orders").filter(has_text="trader")
    mine.get_by_role("button", name="Change buy order of EURUSD").first.click()
    asked = page.get_by_role("dialog", name="Change buy limit of EURUSD")
    price = asked.get_by_role("textbox", name="Limit price")
    price.press("PageDown")
    wanted = price.input_value()
    price.press("Enter")
    expect(asked.get_by_text("The venue took it")).to_be_visible()
    page.keyboard.press("Escape")
    expect(mine.filter(has_text=wanted).filter(has_text="accepted").first).to_be_visible()


def confirm(page: Page) -> None:
    """Answer the summary that is shown before an order goes out, where the person's settings ask for it."""
    send = page.get_by_role("dialog").get_by_role("button", name="Send")
    if page.get_by_role("dialog").count():
        send.click()


def test_what_a_viewer_may_not_do_is_not_offered(sign_in: SignIn) -> None:
    page = sign_in("viewer")
    link(page, "Live")
    expect(page.get_by_role("button", name="HALT").first).to_be_disabled()
    expect(page.get_by_role("button", name="Buy 0.01")).to_have_count(0)


def test_the_page_comes_back_after_the_server_was_killed(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("viewer")
    link(page, "Live")
    os.kill(desk.pid("web"), signal.SIGKILL)
    link(page, "Reconnecting")
    link(page, "Live")
    newest = rows(page, "Fills").nth(1).inner_text()
    expect(page.get_by_role("tabpanel").get_by_role("row").nth(1)).not_to_have_text(newest)


def test_a_right_that_is_taken_away_empties_the_panel_at_once(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("ops")
    link(page, "Live")
    take = (
        "from django.contrib.auth.models import Group; from apps.edges import grants; "
        "grants.revoke(Group.objects.get(name='ops'), 'view_account', kind='account', slug='paper-1')"
    )
    desk.run("shell", "-c", take)
    expect(page.get_by_role("tabpanel")).to_contain_text("No permission")
    page.get_by_role("tab", name="Fills").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("No permission")


def log_in_again(desk: Desk, form: Page | Locator, name: str) -> None:
    form.get_by_role("textbox", name="User").fill(name)
    form.get_by_role("textbox", name="Password").fill(desk.password(name))
    form.get_by_role("button", name="Log in").click()


def test_a_login_that_expires_is_asked_for_above_the_page_which_stays(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("trader", PLACE)
    link(page, "Live")
    page.get_by_role("textbox", name="Quantity").fill("0.03")
    desk.run("shell", "-c", FORGET_EVERYBODY)
    asked = page.get_by_role("dialog", name="Your login has expired")
    expect(asked).to_be_visible()
    log_in_again(desk, asked, "trader")
    expect(asked).to_be_hidden()
    link(page, "Live")
    expect(page).to_have_url(f"{desk.web}{PLACE}")
    expect(page.get_by_role("textbox", name="Quantity")).to_have_value("0.03")


def test_a_page_opened_anew_after_the_login_expired_comes_back_to_its_place(
    desk: Desk, sign_in: SignIn
) -> None:
    page = sign_in("trader", PLACE)
    link(page, "Live")
    desk.run("shell", "-c", FORGET_EVERYBODY)
    page.reload()
    expect(page).to_have_url(re.compile("/login"))
    log_in_again(desk, page, "trader")
    expect(page).to_have_url(f"{desk.web}{PLACE}")
    link(page, "Live")


def test_a_halt_takes_a_reason_the_word_and_stops_entries(sign_in: SignIn) -> None:
    page = sign_in("trader")
    link(page, "Live")
    page.keyboard.press("Shift+Escape")
    page.get_by_label("Reason").fill("the spread is far too wide tonight")
    page.get_by_label("Type HALT").fill("HALT")
    page.get_by_role("button", name="Halt trading now").click()
    expect(page.get_by_role("button", name="Breaker level 3")).to_be_visible()
    expect(rows(page, "Order history").filter(has_text="enforcement").first).to_be_visible()
    page.get_by_role("button", name="Buy 0.01").click()
    confirm(page)
    expect(page.get_by_role("alert").filter(has_text="alted").first).to_be_visible()
