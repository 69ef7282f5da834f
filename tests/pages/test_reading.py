"""The web app for those who read it by other means, in light, in dark and on a phone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.pages.conftest import CHROMIUM, Desk

pytestmark = [
    pytest.mark.pages,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]
PHONE = ViewportSize(width=390, height=844)


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]


def paths(page: Page) -> list[str]:
    """Return one address of every kind of page, once the young desk has an order."""
    page.wait_for_function(
        "async () => (await (await fetch('/api/v1/orders/?limit=1')).json()).results.length > 0", polling=500
    )
    ask = "async (path) => (await fetch('/api/v1' + path)).json()"
    agent = page.evaluate(ask, "/agents/")[0]["slug"]
    order = page.evaluate(ask, "/orders/?limit=1")["results"][0]["id"]
    return ["/trade", "/agents", f"/agents/{agent}", f"/orders/{order}"]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_no_page_has_a_serious_finding(desk: Desk, sign_in: Callable[..., Page], scheme: str) -> None:
    page = sign_in("trader")
    page.evaluate("(scheme) => localStorage.setItem('mantine-color-scheme-value', scheme)", scheme)
    for path in paths(page):
        page.goto(f"{desk.web}{path}")
        expect(page.get_by_role("status", name="Connection: Live")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_be_attached()
        if path == "/trade":
            expect(page.get_by_role("group", name="Candles of")).to_be_visible()
        assert serious(page) == [], path


def test_a_phone_shows_every_part_without_a_serious_finding(desk: Desk, sign_in: Callable[..., Page]) -> None:
    page = sign_in("trader")
    page.set_viewport_size(PHONE)
    for view in ("chart", "ticket", "positions", "orders"):
        page.goto(f"{desk.web}/trade?view={view}")
        expect(page.get_by_role("status", name="Connection: Live")).to_be_visible()
        assert serious(page) == [], view
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], view
