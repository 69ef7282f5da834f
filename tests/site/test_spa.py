"""What a browser gets at the web app's addresses before, while and after it is built."""

import os
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from deploy.desk import states, webapp
from mtquant_site import spa

INDEX = '<!doctype html><script>theme()</script><script type="module" src="/static/app/assets/a.js"></script>'


@pytest.fixture
def app_dir(tmp_path: Path, settings: Settings) -> Path:
    settings.MTQ_VAR = tmp_path
    settings.MTQ_APP_DIR = tmp_path / "static" / "app"
    (tmp_path / "run").mkdir()
    return Path(settings.MTQ_APP_DIR)


@pytest.fixture
def built(app_dir: Path, tmp_path: Path) -> Path:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "assets" / "a-1234.js").write_text("console.log(1)\n" * 200)
    (dist / "index.html").write_text(INDEX)
    webapp.put_in_place(dist, app_dir)
    return app_dir


def the_builder_says(run: Path, *, trouble: str = "", note: str = "") -> None:
    state = states.ProcessState(
        name="frontend",
        pid=None,
        state="starting",
        address="",
        since="",
        restarts=0,
        ticks=None,
        order=1,
        later=True,
        trouble=trouble,
        note=note,
    )
    states.write(run, state)


def test_without_a_builder_the_page_says_which_command_builds_the_app(client: Client, app_dir: Path) -> None:
    answer = client.get("/trade")
    assert answer.status_code == 503
    assert "./mtquant up" in answer.content.decode()


def test_while_it_is_built_the_page_says_how_far_and_asks_again(client: Client, app_dir: Path) -> None:
    the_builder_says(app_dir.parents[1] / "run", note="installing the web app's packages: 10 s")
    page = client.get("/agents/eurusd-ppo").content.decode()
    assert "is being built" in page
    assert "packages: 10 s" in page
    assert 'http-equiv="refresh"' in page


def test_a_build_that_failed_is_shown_with_its_reason(client: Client, app_dir: Path) -> None:
    the_builder_says(app_dir.parents[1] / "run", trouble="ENOTFOUND <registry>")
    assert "ENOTFOUND &lt;registry&gt;" in client.get("/login").content.decode()


@pytest.mark.parametrize("address", ["/login", "/trade", "/agents", "/agents/eurusd-ppo", "/orders/mtq-1"])
def test_every_route_of_the_app_gets_its_one_page_unframed_and_fresh(
    client: Client, built: Path, address: str
) -> None:
    answer = client.get(address)
    assert answer.content.decode() == INDEX
    assert (answer["Cache-Control"], answer["X-Frame-Options"]) == ("no-cache", "DENY")


def test_an_unchanged_page_is_not_sent_twice(client: Client, built: Path) -> None:
    etag = client.get("/trade")["ETag"]
    answer = client.get("/trade", headers={"if-none-match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert "default-src" in answer["Content-Security-Policy"]


def test_the_policy_allows_the_page_itself_its_socket_and_the_scripts_in_it() -> None:
    csp = dict(part.split(" ", 1) for part in spa.policy("desk:8000", INDEX).split("; "))
    assert csp["default-src"] == "'self'"
    assert csp["connect-src"] == "'self' ws://desk:8000 wss://desk:8000"
    assert csp["script-src"].count("sha256-") == 1
    assert "unsafe" not in csp["script-src"]


def test_an_asset_that_appears_later_is_found_packed_and_kept_for_good(client: Client, built: Path) -> None:
    answer = client.get("/static/app/assets/a-1234.js", headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Content-Type"].startswith("text/javascript")


def test_what_is_not_an_asset_is_not_served(client: Client, built: Path) -> None:
    assert client.get("/static/app/assets/none.js").status_code == 404
    assert client.get("/static/app/../../desk.env").status_code == 404
    assert client.post("/trade").status_code == 405


def test_the_root_leads_to_the_app_once_there_is_one(client: Client, app_dir: Path) -> None:
    assert client.get("/")["Location"] == "/admin/"
    app_dir.mkdir(parents=True)
    (app_dir / "index.html").write_text(INDEX)
    assert client.get("/")["Location"] == "/trade"


def test_a_rebuild_changes_the_page_last_and_keeps_parts_of_open_pages(built: Path, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    (dist / "assets" / "a-1234.js").rename(dist / "assets" / "a-5678.js")
    os.utime(built / "assets" / "a-1234.js.gz", (0, 0))
    webapp.put_in_place(dist, built)
    assert sorted(path.name for path in (built / "assets").iterdir()) == [
        "a-1234.js",
        "a-5678.js",
        "a-5678.js.gz",
    ]
