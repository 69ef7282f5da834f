"""The supervisor with real processes: order, restarts, stops, and what happens when it is killed itself."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.desk.ports import free_port
from deploy.desk.processes import command_line, group_of, listens, running
from tests.deploy.desk import ScratchDesk, eventually

Start = Callable[..., ScratchDesk]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    desks: list[ScratchDesk] = []

    def begin(*parts: dict[str, object]) -> ScratchDesk:
        desks.append(ScratchDesk(tmp_path, *parts))
        return desks[-1]

    yield begin
    for desk in desks:
        if desk.process.poll() is None:
            desk.end()


def sleeper(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "script": "exec sleep 1000", **more}


def test_a_part_waits_for_those_it_stands_on(start: Start) -> None:
    desk = start(
        {"name": "ground", "script": "sleep 0.3; touch here; exec sleep 1000", "marker": "here"},
        {"name": "top", "script": "test -e here && exec sleep 1000", "after": ["ground"]},
    )
    desk.wait_up()
    said = desk.said()
    assert said.index("ground is up") < said.index("top is up")
    assert desk.state("top").restarts == 0


def test_a_step_that_fails_ends_the_start_and_stops_what_was_started(start: Start) -> None:
    desk = start(
        sleeper("server"),
        {"name": "prepare", "script": "echo no such table; exit 3", "once": True, "after": ["server"]},
    )
    desk.process.wait(timeout=120)
    assert "prepare ended with code 3: no such table" in desk.said()
    assert "server stopped" in desk.said()


def test_a_killed_part_is_started_again_and_counted(start: Start) -> None:
    desk = start(sleeper("worker"))
    desk.wait_up()
    first = desk.pid("worker")
    os.kill(first, signal.SIGKILL)
    eventually(lambda: desk.state("worker").pid not in {first, None})
    assert desk.state("worker").restarts == 1
    assert "worker was ended by signal 9" in desk.said()


def test_a_part_that_keeps_ending_is_started_later_each_time(start: Start) -> None:
    desk = start(
        sleeper("server"), {"name": "broken", "script": "exit 1", "marker": "never", "needed": False}
    )
    eventually(lambda: desk.said().count("starts again") >= 3)
    said = desk.said()
    assert "starts again in 0.3 s" in said
    assert "starts again in 0.6 s" in said
    assert "starts again in 1.2 s" in said


def test_a_needed_part_that_never_comes_up_ends_the_start_with_its_last_words(start: Start) -> None:
    desk = start({"name": "postgres", "script": "echo FATAL: bad data; exit 1", "marker": "never"})
    desk.process.wait(timeout=120)
    assert "postgres ended with code 1 again and again: FATAL: bad data" in desk.said()


def test_the_desk_comes_up_without_a_part_it_can_spare_and_says_so(start: Start) -> None:
    desk = start(sleeper("web"), sleeper("gateway", marker="never", needed=False, ready_within_s=0.3))
    eventually(lambda: "UP gateway" in desk.said())
    assert "gateway is not ready after 0 s; it goes on trying" in desk.said()


def test_parts_stop_in_reverse_order(start: Start) -> None:
    desk = start(sleeper("first"), sleeper("second", after=["first"]), sleeper("third", after=["second"]))
    desk.wait_up()
    said = desk.end()
    assert said.index("third stopped") < said.index("second stopped") < said.index("first stopped")
    assert desk.process.returncode == 0


def test_a_part_that_does_not_listen_is_killed(start: Start) -> None:
    desk = start(
        {
            "name": "deaf",
            "script": "trap '' TERM; touch deaf; while true; do sleep 0.1; done",
            "marker": "deaf",
            "stop_within_s": 0.3,
        }
    )
    desk.wait_up()
    assert "deaf did not listen and was killed" in desk.end()


def test_children_die_when_the_supervisor_is_killed(start: Start) -> None:
    desk = start(sleeper("one"), sleeper("two"))
    desk.wait_up()
    pids = [desk.pid("one"), desk.pid("two")]
    assert all(map(running, pids))
    desk.process.kill()
    desk.process.wait()
    eventually(lambda: not any(map(running, pids)))


def test_grandchildren_of_a_killed_part_do_not_outlive_its_restart(start: Start) -> None:
    desk = start({"name": "pool", "script": "sleep 1000 & touch forked; wait", "marker": "forked"})
    desk.wait_up()
    leader = desk.pid("pool")
    eventually(lambda: len(group_of(leader)) == 2)
    (child,) = set(group_of(leader)) - {leader}
    os.kill(leader, signal.SIGKILL)
    eventually(lambda: desk.state("pool").restarts == 1 and not running(child))
    assert "sleep" not in command_line(child)


def test_a_killed_postgresql_comes_back_at_its_port_with_its_rows(start: Start) -> None:
    port = free_port()
    url = f"postgres://mtquant:word@127.0.0.1:{port}/mtquant"
    desk = start({"name": "postgres", "port": port, "password": "word"})
    desk.wait_up()
    with psycopg.connect(url) as wire:
        wire.execute("create table kept as select 42 as x")
    os.kill(desk.pid("postgres"), signal.SIGKILL)
    eventually(lambda: "postgres is back" in desk.said())
    with psycopg.connect(url) as wire:
        assert wire.execute("select x from kept").fetchone() == (42,)


def test_postgresql_stops_when_the_supervisor_is_killed(start: Start) -> None:
    desk = start({"name": "postgres", "port": free_port(), "password": "word"})
    desk.wait_up()
    pid = desk.pid("postgres")
    desk.process.kill()
    desk.process.wait()
    eventually(lambda: not running(pid))
    assert not (desk.home / "postgres" / "data" / "postmaster.pid").exists()


def test_a_port_is_known_by_the_process_that_listens_at_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert listens(os.getpid(), port)
        assert not listens(os.getppid(), port)
    assert not listens(os.getpid(), port)


def later(name: str, script: str, **more: object) -> dict[str, object]:
    return {"name": name, "script": script, "needed": False, "later": True, **more}


def test_a_later_step_is_not_waited_for_and_says_what_its_end_means(start: Start) -> None:
    desk = start(
        sleeper("web"), later("app", "sleep 0.3", once=True, done_says="app is ready at http://here")
    )
    desk.wait_up()
    eventually(lambda: desk.state("app").state == "done")
    said = desk.said()
    assert said.index("UP") < said.index("app is ready at http://here (")


def test_a_later_step_that_fails_is_tried_again_and_the_desk_goes_on(start: Start) -> None:
    desk = start(
        sleeper("web"),
        later(
            "packages", "test -e network || { touch network; echo no network; exit 1; }",
            once=True, show=True, first_backoff_s=0.3,
        ),
        later("trainer", "exec sleep 1000", after=["packages"]),
    )  # fmt: skip
    desk.wait_up()
    eventually(lambda: "trainer is up" in desk.said())  # what is said comes a moment after the state
    said = desk.said()
    assert said.count("no network") == 1
    assert "packages ended with code 1: no network; tried again in" in said
    assert said.index("packages done") < said.index("trainer is up")
    assert (desk.state("web").state, desk.state("web").restarts) == ("up", 0)


def test_what_a_later_step_waits_for_and_stumbles_over_can_be_read(start: Start) -> None:
    desk = start(
        sleeper("web"),
        later("packages", "echo disk is full; exit 1", once=True, first_backoff_s=60),
        later("trainer", "exec sleep 1000", after=["packages"]),
    )
    desk.wait_up()
    eventually(lambda: desk.state("packages").trouble == "ended with code 1: disk is full")
    assert (desk.state("packages").state, desk.state("trainer").state) == ("restarting", "waiting")
    assert "packages stopped" not in desk.end()


def test_a_later_part_yields_to_the_others(start: Start) -> None:
    desk = start(sleeper("web"), later("build", "nice > niceness", once=True, niceness=7))
    desk.wait_up()
    eventually(lambda: desk.state("build").state == "done")
    assert int((desk.home / "niceness").read_text()) == os.nice(0) + 7
