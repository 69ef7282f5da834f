"""What people type: `train`, `agents list`, `demo_agents`, and what programs read of them."""

import json
import os
import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from apps.agents import lifecycle, scorecard, training
from apps.agents.management.commands import demo_agents
from apps.agents.models import Agent, TrainingRun
from deploy.desk.ports import free_port
from tests.agents import networks, school
from tests.agents.floor import Floor


def said(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def refused(*words: str) -> tuple[int, str]:
    with pytest.raises(CommandError) as caught:
        said(*words)
    return caught.value.returncode, str(caught.value)


def test_train_writes_a_run_and_returns_when_told_so(floor: Floor) -> None:
    told = json.loads(said("train", "--instrument", "EURUSD", "--steps", "5000", "--detach", "--json"))
    run = TrainingRun.objects.get()
    assert (told["run"]["id"], told["run"]["status"], told["evaluation"]) == (run.pk, "queued", None)
    assert (run.agent.slug, run.config, run.deploy) == ("eurusd-ppo", {"steps": 5000, "seeds": 3}, False)
    assert run.requested_by.startswith("cli:")


def test_wrong_wishes_are_usage_errors(floor: Floor) -> None:
    school.pupil()
    assert refused("train", "--agent", "nobody") == (2, "there is no agent nobody")
    assert refused("train", "--agent", "eurusd-ppo", "--seeds", "99")[0] == 2
    overlap = ("--from", "2012-01-01", "--to", "2015-01-01", "--eval-from", "2014-01-01")
    code, text = refused("train", "--agent", "eurusd-ppo", *overlap)
    assert code == 2
    assert "the evaluation must lie behind the training" in text


def test_a_training_is_cancelled_and_begun_again_from_a_terminal(floor: Floor) -> None:
    school.pupil()
    run_id = school.ask()
    said("train", "--cancel", str(run_id))
    told = json.loads(said("train", "--restart", str(run_id), "--detach", "--json"))
    assert (school.run(run_id).status, told["run"]["status"]) == ("cancelled", "queued")


def test_agents_are_listed_with_what_they_are(floor: Floor) -> None:
    floor.agent("flat", name="still")
    school.pupil(note="Demonstration")
    version = networks.publish(networks.stubborn("buy"), name="eurusd-ppo")
    lifecycle.deploy(slug="eurusd-ppo", version_id=version.pk, reason="a test", by="test")
    floor.close_bars()
    floor.tick()
    listed = {agent["agent"]: agent for agent in json.loads(said("agents", "list", "--json"))["agents"]}
    learned, rule = listed["eurusd-ppo"], listed["still"]
    assert (rule["kind"], rule["version"], rule["trained_at"]) == ("rule", "flat v1", None)
    assert (learned["kind"], learned["stage"], learned["orders_today"]) == ("learned", "paper", 1)
    assert "eurusd-ppo: Demonstration" in said("agents", "list")


def test_the_demonstration_is_made_and_queued_once_and_says_what_it_is(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_agents, "SYNTHETIC", ("EURUSD",))
    school.give_history(floor)
    assert "training" in said("demo_agents", wait=0)
    again = said("demo_agents", wait=0)
    run = scorecard.runs()[0]
    assert f"training {run.id} is queued" in again
    assert (TrainingRun.objects.count(), run.deploy, run.requested_by) == (1, True, "desk")
    assert run.config == {"seeds": 3, "steps": 60_000}
    expected = "Demonstration: 3 seeds of 60,000 steps, trained on 2 days: too few for the gates"
    assert (run.note, Agent.objects.get().note) == (expected, expected)


def test_the_demonstration_says_so_where_there_is_too_little_history(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_agents, "SYNTHETIC", ("EURUSD",))
    school.give_history(floor, 400)
    with pytest.raises(CommandError, match=r"data refused: EURUSD 400 bars are too few") as caught:
        said("demo_agents", wait=0)
    assert caught.value.returncode == 3
    assert Agent.objects.get().stage == "research"


def test_a_demonstration_that_failed_says_so_and_is_queued_again(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_agents, "SYNTHETIC", ("EURUSD",))
    school.give_history(floor)
    said("demo_agents", wait=0)
    first = scorecard.runs()[0].id
    training.claim(run_id=first, owner="one")
    training.fail(run_id=first, owner="one", error="the reward is not a finite number")
    note = scorecard.card("eurusd-ppo").note
    assert f"Its training {first} failed (the reward is not a finite number)." in note
    assert "./mtquant up tries again" in note
    assert f"training {first} failed (the reward is not a finite number)" in said("demo_agents", wait=0)
    assert scorecard.runs()[0].status == "queued"
    assert "failed" not in scorecard.card("eurusd-ppo").note


@pytest.mark.parametrize("flag", ["--run", "--cancel", "--restart"])
def test_a_training_that_is_not_there_is_a_usage_error(floor: Floor, flag: str) -> None:
    assert refused("train", flag, "0") == (2, "there is no training 0")


def test_a_desk_that_is_down_is_said_in_one_line() -> None:
    address = f"postgres://nobody:none@127.0.0.1:{free_port()}/none"
    ended = subprocess.run(
        [sys.executable, "manage.py", "agents", "list"],
        cwd=settings.BASE_DIR, env=os.environ | {"DATABASE_URL": address},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert "the desk's database does not answer" in line
    assert "./mtquant up starts it" in line
