import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from deploy.desk import states
from deploy.desk.processes import started_ticks
from deploy.desk.states import ProcessState
from mtquant_site import home
from tests.site import rows

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@pytest.fixture
def market(settings: Settings, tmp_path: Path) -> Callable[..., None]:
    """Write the venue's clock file, as the venue would."""
    settings.MTQ_CLOCK_FILE = tmp_path / "clock.json"
    settings.MTQ_REPLAY_DIR = tmp_path

    def write(**changes: Any) -> None:
        anchor = {
            "epoch": 1, "desk_at": "2026-01-06T03:12:00.000000Z", "monotonic_ns": time.monotonic_ns(),
            "boot_id": BOOT_ID.read_text().strip(), "wall_at": "2026-11-25T13:00:00Z", "speed": 60.0,
            "market": "synthetic", "ended": False,
        }  # fmt: skip
        settings.MTQ_CLOCK_FILE.write_text(json.dumps(anchor | changes))

    return write


def _page(browser: Client, name: str = "admin:index") -> str:
    answer = browser.get(reverse(name))
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_desk_has_a_home_page(sign_in: Callable[[str], Client]) -> None:
    page = _page(sign_in("viewer"))
    assert "No account yet" in page
    assert "No agent yet" in page
    assert "PAPER" in page


def test_a_filled_desk_shows_equity_breakers_agents_venues_and_alerts(
    sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    page = _page(sign_in("viewer"))
    for shown in (
        "98,500.00",
        "2.48\xa0%",
        "eurusd-ma-cross",
        "paper-mt5",
        "EURUSD has no fresh quote",
        "NORMAL",
    ):
        assert shown in page


def test_the_moving_part_brings_the_clock_along(sign_in: Callable[[str], Client], desk: rows.Desk) -> None:
    page = _page(sign_in("viewer"), "admin:desk")
    assert 'hx-swap-oob="true"' in page
    assert "<html" not in page


def test_every_page_says_that_the_market_is_synthetic_and_how_fast_it_runs(
    market: Callable[..., None], sign_in: Callable[[str], Client]
) -> None:
    market()
    for name in ("admin:index", "admin:portfolio_order_changelist"):
        page = _page(sign_in("viewer"), name)
        assert "Synthetic market" in page
        assert "×60" in page


def test_a_replay_that_is_over_is_said_and_its_assumed_spreads_are_named(
    market: Callable[..., None], sign_in: Callable[[str], Client], settings: Settings
) -> None:
    market(market="replay", ended=True)
    instruments = [{"name": "EURUSD", "spread": "recorded"}, {"name": "DAX", "spread": "assumed:v1"}]
    (settings.MTQ_REPLAY_DIR / "manifest.json").write_text(json.dumps({"instruments": instruments}))
    page = _page(sign_in("viewer"))
    assert "Replay ended" in page
    assert "The data of DAX holds one side only" in page


def test_a_broken_clock_file_is_named_and_the_page_stands(
    market: Callable[..., None], sign_in: Callable[[str], Client], settings: Settings
) -> None:
    settings.MTQ_CLOCK_FILE.write_text("half a fi")
    assert "Clock unreadable" in _page(sign_in("viewer"))


def test_a_process_that_died_without_a_word_is_shown_as_dead(
    settings: Settings, tmp_path: Path, cast: dict[str, User]
) -> None:
    settings.MTQ_VAR = tmp_path
    (tmp_path / "run").mkdir()
    for order, (name, ticks) in enumerate((("web", started_ticks(1)), ("worker", 1))):
        state = ProcessState(
            name=name, pid=1, state="up", address="", since="", restarts=0, ticks=ticks, order=order
        )
        states.write(tmp_path / "run", state)
    found = home.look(cast["viewer"]).processes
    assert {row.name: row.state for row in found} == {"web": "up", "worker": "dead"}
