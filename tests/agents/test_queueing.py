"""Asking for a training: one at a time for an agent, and never judged on what it learned from."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.agents import lifecycle, training
from apps.agents.errors import AlreadyTraining, LostClaim, NotAllowed, UnknownAgent, UnknownRun
from apps.agents.models import Agent, TrainingRun
from tests.agents import school
from tests.agents.floor import Floor

FIRST, SECOND, THIRD = (datetime(year, 1, 1, tzinfo=UTC) for year in (2012, 2015, 2017))


def test_a_training_that_was_asked_for_waits_with_its_configuration(floor: Floor) -> None:
    school.pupil()
    run = school.run(school.ask(seeds=2))
    assert (run.status, run.config, run.requested_by) == ("queued", {"steps": 4096, "seeds": 2}, "test")


def test_a_second_training_of_an_agent_is_refused_in_one_sentence(floor: Floor) -> None:
    school.pupil()
    run_id = school.ask()
    with pytest.raises(
        AlreadyTraining, match=rf"^eurusd-ppo is trained already: training {run_id} is queued$"
    ):
        school.ask()
    assert TrainingRun.objects.count() == 1


def test_a_training_that_is_over_makes_room_for_the_next(floor: Floor) -> None:
    school.pupil()
    training.cancel(run_id=school.ask(), by="test")
    assert school.run(school.ask()).status == "queued"


def test_a_rule_learns_nothing(floor: Floor) -> None:
    floor.agent("flat", name="still")
    with pytest.raises(NotAllowed, match="a rule learns nothing"):
        school.ask("still")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"steps": 0}, "steps must be"),
        ({"seeds": 21}, "from 1 to 20"),
        ({"steps": 2.5}, "whole number"),
        ({"rewards": 1}, "no setting rewards"),
    ],
)
def test_a_configuration_out_of_range_is_refused(floor: Floor, config: dict[str, Any], said: str) -> None:
    school.pupil()
    with pytest.raises(NotAllowed, match=said):
        school.ask(**config)


@pytest.mark.parametrize(
    "periods",
    [
        {"train_to": SECOND, "eval_from": FIRST},
        {"train_from": SECOND, "train_to": FIRST},
        {"train_to": THIRD, "eval_to": SECOND},
        {"train_from": datetime(2012, 1, 1)},  # noqa: DTZ001 (without a zone on purpose)
    ],
)
def test_an_evaluation_that_touches_the_training_is_refused(floor: Floor, periods: dict[str, Any]) -> None:
    school.pupil()
    with pytest.raises(NotAllowed):
        training.queue(agent_slug="eurusd-ppo", config={}, deploy=False, by="test", **periods)


def test_the_evaluation_may_begin_where_the_training_ends(floor: Floor) -> None:
    school.pupil()
    training.queue(
        agent_slug="eurusd-ppo", config={}, deploy=False, by="test",
        train_from=FIRST, train_to=SECOND, eval_from=SECOND, eval_to=THIRD,
    )  # fmt: skip


def test_nobody_knows_an_agent_or_a_training_that_is_not_there(floor: Floor) -> None:
    with pytest.raises(UnknownAgent):
        school.ask("nobody")
    with pytest.raises(UnknownRun):
        training.cancel(run_id=7, by="test")
    with pytest.raises(UnknownRun):
        training.restart(run_id=7, by="test")


def test_a_training_belongs_to_whoever_claims_it_first(floor: Floor) -> None:
    school.pupil()
    run_id = school.ask()
    training.claim(run_id=run_id, owner="one")
    with pytest.raises(NotAllowed, match="running already"):
        training.claim(run_id=run_id, owner="two")
    with pytest.raises(LostClaim):
        training.beat(run_id=run_id, owner="two", progress={})


def test_a_heartbeat_tells_of_the_wish_to_cancel(floor: Floor) -> None:
    school.pupil()
    run_id = school.ask()
    training.claim(run_id=run_id, owner="one")
    before = training.beat(run_id=run_id, owner="one", progress={"step": 1})
    training.cancel(run_id=run_id, by="user:1 (quant)")
    assert (before, training.beat(run_id=run_id, owner="one", progress={"step": 2})) == (True, False)
    assert school.run(run_id).progress == {"step": 2}


def test_a_training_without_a_heartbeat_is_interrupted_and_its_owner_can_write_nothing_more(
    floor: Floor,
) -> None:
    school.pupil()
    run_id = school.ask()
    training.claim(run_id=run_id, owner="one")
    assert training.sweep() == []
    school.silent_for_21_seconds(run_id)
    assert training.sweep() == [run_id]
    assert school.run(run_id).status == "interrupted"
    with pytest.raises(LostClaim):
        training.beat(run_id=run_id, owner="one", progress={})
    assert not training.fail(run_id=run_id, owner="one", error="too late")


def test_a_training_that_stopped_early_is_asked_for_again_with_all_it_was_told(floor: Floor) -> None:
    school.pupil()
    old = training.queue(
        agent_slug="eurusd-ppo", config={"steps": 8192}, deploy=True, by="test", train_from=FIRST
    )
    training.cancel(run_id=old, by="test")
    new = school.run(training.restart(run_id=old, by="someone"))
    assert (new.status, new.restart_of_id, new.requested_by) == ("queued", old, "someone")
    assert (new.config["steps"], new.deploy, new.train_from) == (8192, True, FIRST)


def test_a_training_under_way_cannot_be_restarted(floor: Floor) -> None:
    school.pupil()
    with pytest.raises(NotAllowed, match="only one that stopped early"):
        training.restart(run_id=school.ask(), by="test")


def test_an_agent_is_made_once(floor: Floor) -> None:
    school.pupil()
    agent = school.pupil()
    assert (Agent.objects.count(), agent.stage, agent.version) == (1, "research", None)
    assert [(event.kind, event.by) for event in agent.events.all()] == [("made", "test")]


def test_an_agent_without_a_policy_is_never_asked(floor: Floor) -> None:
    school.pupil()
    floor.close_bars()
    assert floor.tick().agents == 0
    with pytest.raises(NotAllowed, match="a reason is needed"):
        lifecycle.deploy(slug="eurusd-ppo", version_id=1, reason=" ", by="test")
