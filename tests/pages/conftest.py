"""A desk of the tests' own, with the built web app and everything that trades; a browser to look at it."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from deploy.desk import envfile, states, webapp
from deploy.desk.layout import Layout

ROOT = Path(__file__).parents[2]
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
PATIENT_MS = 60_000  # two cores carry the whole desk and the browser
expect.set_options(timeout=PATIENT_MS)
NOT_OURS = ("MTQ_", "DJANGO_", "DATABASE_URL", "REDIS_URL", "QUESTDB_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    layout: Layout
    env: dict[str, str]

    @property
    def web(self) -> str:
        known = envfile.read(self.layout.env_file)
        return f"http://{known['MTQ_WEB_HOST']}:{known['MTQ_WEB_PORT']}"

    def password(self, name: str) -> str:
        return str(json.loads(self.layout.users_file.read_text())[name])

    def pid(self, name: str) -> int:
        pid = next(state.pid for state in states.read_all(self.layout.run) if state.name == name)
        assert pid is not None
        return pid

    def run(self, *words: str) -> str:
        """Run a verb of the launcher against this desk and give what it printed."""
        command = [str(ROOT / "mtquant"), *words]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="package")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk on the synthetic market at speed 60, up and trading, with the web app in place."""
    own = Layout.here() if "MTQ_VAR" not in os.environ else Layout(root=ROOT, var=ROOT / "var")
    var = Path(shutil.copytree(own.gate, tmp_path_factory.mktemp("desk") / "gate")).parent
    layout = Layout(root=ROOT, var=var)
    (var / "cache").symlink_to(own.cache, target_is_directory=True)
    webapp.put_in_place(webapp.build(own, print), layout.web_app)
    webapp.mark_published(layout)
    layout.demo_stamp.touch()  # trainings would take the core that the pages need
    env = {name: text for name, text in os.environ.items() if not name.startswith(NOT_OURS)}
    desk = Desk(layout=layout, env=env | {"MTQ_VAR": str(var)})
    try:
        desk.run("up", "--detach", "--speed", "60")
        yield desk
    finally:
        desk.run("stop")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def sign_in(desk: Desk, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a page of the app in which somebody has just logged in."""
    contexts: list[BrowserContext] = []

    def as_(name: str, path: str = "/trade") -> Page:
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 900}))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENT_MS)
        page.goto(f"{desk.web}{path}")
        page.get_by_role("textbox", name="User").fill(name)
        page.get_by_role("textbox", name="Password").fill(desk.password(name))
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"{desk.web}{path}")
        return page

    yield as_
    for context in contexts:
        context.close()
