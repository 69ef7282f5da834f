"""The admin in a real Chromium: what a person would do on the first day."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.site import rows
from tests.site.conftest import PASSWORD

CHROMIUM = Path(os.environ.get("MTQ_CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REASON = "the spread is far too wide tonight"

pytestmark = [
    pytest.mark.pages,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]


class Complaints(list[str]):
    """What the browser's console complained about."""


@pytest.fixture
def browser_page() -> Iterator[tuple[Page, Complaints]]:
    complaints = Complaints()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page, complaints
        browser.close()


def _sign_in(page: Page, server: LiveServer, name: str) -> None:
    page.goto(f"{server.url}/admin/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{server.url}/admin/")


def test_the_desk_is_seen_and_its_breaker_tripped_with_a_reason(
    live_server: LiveServer,
    cast: dict[str, User],
    desk: rows.Desk,
    browser_page: tuple[Page, Complaints],
) -> None:
    page, complaints = browser_page
    _sign_in(page, live_server, "trader")
    expect(page.locator("#mtq-banner")).to_contain_text("PAPER")
    expect(page.locator(".mtq-account .mtq-lead")).to_contain_text("98,500.00")
    expect(page.locator(".mtq-plot-depth .mtq-mark")).to_have_count(3)
    with page.expect_response(lambda answer: answer.url.endswith("/admin/desk/")):
        pass  # the page asks for news by itself
    page.click(".mtq-account .mtq-right a")
    page.click("text=Trip")
    page.fill("#dialog textarea", REASON)
    page.click("#dialog button[type=submit]")
    expect(page.locator("#main")).to_contain_text("was tripped to HALTED")
    page.goto(f"{live_server.url}/admin/")
    expect(page.locator(".mtq-account .mtq-level-3")).to_contain_text("HALTED")
    assert complaints == []
