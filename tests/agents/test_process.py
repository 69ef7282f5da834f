"""The trainer's door: a training is a process of its own, and whatever ends it, the run says so."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from apps.agents import scorecard, training
from apps.agents.models import Agent
from apps.agents.training import process
from apps.agents.training.process import Ran
from tests.agents import school
from tests.agents.floor import Floor


@pytest.fixture
def schooled(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> Floor:
    """A floor with history, whose addresses a child process finds in its environment."""
    for name, value in school.addresses().items():
        monkeypatch.setenv(name, value)
    school.give_history(floor)
    school.pupil()
    return floor


def test_where_nothing_waits_nothing_is_run(floor: Floor) -> None:
    assert training.run_next() is None


def test_the_oldest_training_is_carried_out_by_a_process_and_deployed(schooled: Floor) -> None:
    run_id = school.ask(deploy=True)
    assert training.run_next() == Ran(run_id=run_id, code=0)
    view = scorecard.run_view(run_id)
    assert (view.status, view.version_name, view.error) == ("done", "eurusd-ppo v1", "")
    assert Agent.objects.get(slug="eurusd-ppo").stage == "paper"


def test_a_process_that_is_killed_leaves_an_interrupted_training_that_can_be_restarted(
    schooled: Floor,
) -> None:
    first = school.ask(seeds=2, steps=200_000)
    with at_work() as ended:
        school.until(lambda: scorecard.run_view(first).progress.step > 0)
        os.kill(child(), signal.SIGKILL)
    assert ended == [Ran(run_id=first, code=-signal.SIGKILL)]
    run = scorecard.run_view(first)
    assert (run.status, run.error) == ("interrupted", "its process was killed by signal 9. Restart it.")
    assert scorecard.run_view(training.restart(run_id=first, by="test")).status == "queued"


def test_a_training_is_cancelled_while_its_process_is_at_work(schooled: Floor) -> None:
    run_id = school.ask(steps=5_000_000)
    with at_work():
        school.until(lambda: scorecard.run_view(run_id).progress.step > 0)
        training.cancel(run_id=run_id, by="user:1 (quant)")
    run = scorecard.run_view(run_id)
    assert (run.status, run.cancel_requested, run.error) == ("cancelled", "user:1 (quant)", "")


def test_data_that_are_refused_are_the_reason_on_the_run(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in school.addresses().items():
        monkeypatch.setenv(name, value)
    school.pupil()
    run_id = school.ask()
    assert training.run_next() == Ran(run_id=run_id, code=3)
    run = scorecard.run_view(run_id)
    assert (run.status, run.error) == ("failed", "data refused: no closed 1m bar of EURUSD yet")


def test_a_process_that_cannot_even_start_fails_the_training_with_its_last_line(
    schooled: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "nowhere")
    run_id = school.ask()
    assert training.run_next() == Ran(run_id=run_id, code=1)
    run = scorecard.run_view(run_id)
    assert run.status == "failed"
    assert run.error.startswith("its process ended with code 1: ")
    assert "DATABASE_URL must look like" in run.error


def test_what_the_desk_asked_for_begins_again_when_its_trainer_was_killed(schooled: Floor) -> None:
    run_id = training.queue(agent_slug="eurusd-ppo", config=school.TINY, deploy=True, by=training.DESK)
    training.claim(run_id=run_id, owner="a trainer that is gone")
    school.silent_for_21_seconds(run_id)
    ran = training.run_next()
    assert ran is not None
    assert ran.code == 0
    assert scorecard.run_view(ran.run_id).restart_of == run_id
    assert Agent.objects.get(slug="eurusd-ppo").stage == "paper"


def test_what_the_desk_asked_for_begins_again_whoever_saw_it_die(floor: Floor) -> None:
    school.pupil()
    first = training.queue(agent_slug="eurusd-ppo", config=school.TINY, deploy=True, by=training.DESK)
    training.claim(run_id=first, owner="a process that is killed")
    school.silent_for_21_seconds(first)
    assert training.sweep() == [first]  # by a command in a terminal
    process._begin_again()
    again = scorecard.runs()[0]
    assert (again.status, again.restart_of, again.requested_by) == ("queued", first, training.DESK)
    process._begin_again()
    assert scorecard.runs()[0].id == again.id


@contextmanager
def at_work() -> Iterator[list[Ran | None]]:
    """Run the next training beside the test, and wait for its end."""
    ended: list[Ran | None] = []

    def work() -> None:
        try:
            ended.append(training.run_next())
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield ended
    except BaseException:
        os.kill(child(), signal.SIGKILL)  # the test has failed: nobody waits for its training
        raise
    finally:
        worker.join()


def child() -> int:
    """Return the training process: this process's one child that is called so."""
    found = [
        int(pid)
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text().split()
        if b"train" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    ]
    (pid,) = found
    return pid
