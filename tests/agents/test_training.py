"""From the wish to a version on paper: data, seeds, evaluation and registry are the real ones."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from apps.agents import policies, scorecard, training
from apps.agents.errors import Cancelled, Diverged, HardFaults, LostClaim, TooLittleData
from apps.agents.learning import train as learning
from apps.agents.learning.config import Progress, TrainedSeed
from apps.agents.management import lesson
from apps.agents.management.pulse import Pulse
from apps.agents.models import Agent, AgentEvent, Evaluation, PolicyVersion, SeedWeights
from apps.agents.training import material
from apps.marketdata.domain import quality
from tests.agents import school
from tests.agents.floor import Floor
from tests.marketdata.samples import bars


def teach(run_id: int) -> PolicyVersion:
    """Carry a training out in this process."""
    version_id = lesson.teach(training.claim(run_id=run_id, owner="test"))
    return PolicyVersion.objects.get(pk=version_id)


@pytest.fixture
def schooled(floor: Floor) -> Floor:
    """A floor with history enough and an agent that has learned nothing yet."""
    school.give_history(floor)
    school.pupil(note="Demonstration")
    return floor


def test_a_training_becomes_a_version_with_an_evaluation_behind_its_training(schooled: Floor) -> None:
    run_id = school.ask(seeds=2)
    version = teach(run_id)
    run = school.run(run_id)
    assert (run.status, run.version, version.run) == ("done", version, run)
    assert run.train_to is not None
    assert run.eval_from is not None
    assert run.train_to < run.eval_from
    found = scorecard.evaluation(version.pk)
    assert found is not None
    assert [score.name for score in found.rows] == ["agent", "flat", "buy-and-hold", "ma-cross", "random"]
    assert [member.seed for member in found.members] == [0, 1]
    assert found.eval_from == run.eval_from
    assert found.note.startswith("Demonstration")
    assert "<svg" in str(scorecard.tear_sheet(version.pk))


def test_the_run_keeps_what_equal_weights_need(schooled: Floor) -> None:
    run_id = school.ask()
    teach(run_id)
    run = school.run(run_id)
    assert len(run.data_hash) == 64
    assert run.fingerprint["threads"] == "1"
    assert set(run.config) == {"steps", "seeds", "terms"}
    assert [len(points) for points in scorecard.run_view(run_id).progress.curve] == [1]


def test_a_deployed_training_puts_the_agent_on_paper_and_says_who_did_it(schooled: Floor) -> None:
    version = teach(school.ask(deploy=True))
    agent = Agent.objects.get(slug="eurusd-ppo")
    assert (agent.version, agent.stage, agent.state) == (version, "paper", "active")
    event = AgentEvent.objects.filter(kind="deployed").get()
    assert (event.new_version, event.old_version, event.by) == (version, None, "test")


def test_without_being_asked_nothing_is_deployed(schooled: Floor) -> None:
    teach(school.ask())
    assert Agent.objects.get(slug="eurusd-ppo").version is None


def test_the_same_training_twice_is_the_same_version(schooled: Floor) -> None:
    assert teach(school.ask()).content_hash == teach(school.ask()).content_hash
    assert PolicyVersion.objects.filter(kind="learned").count() == 1
    assert Evaluation.objects.count() == 2


def test_too_little_data_is_refused_and_says_how_much_is_needed(floor: Floor) -> None:
    school.give_history(floor, 400)
    school.pupil()
    with pytest.raises(TooLittleData, match="400 bars of 1m, 1,154 are needed"):
        teach(school.ask())


def test_no_data_at_all_is_too_little(floor: Floor) -> None:
    school.pupil()
    with pytest.raises(TooLittleData, match="no closed 1m bar"):
        teach(school.ask())


def test_bars_without_a_price_are_refused(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "sound_rows", lambda window, **_: np.ones(len(window), bool))
    window = bars(2_400, first=floor.noon - school.BARS * school.MINUTE)
    high = window.bid_high.copy()
    high[1_200] = window.bid_low[1_200] * 0.9  # a high below the low, as no market has it
    school.store(replace(window, bid_high=high))
    school.pupil()
    with pytest.raises(HardFaults, match="row 1200"):
        teach(school.ask())


def test_a_training_that_is_cancelled_stops_at_its_next_rollout(
    schooled: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = school.ask(steps=40_960)
    seen = _cancelling(monkeypatch, run_id)
    with pytest.raises(Cancelled):
        teach(run_id)
    assert 1 <= len(seen) < 10


def test_a_training_that_is_cancelled_at_the_last_moment_is_not_deployed(
    schooled: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, real = school.ask(deploy=True), training.finish

    def finish(*args: Any, **kwargs: Any) -> int:
        training.cancel(run_id=run_id, by="user:1 (quant)")
        return real(*args, **kwargs)

    monkeypatch.setattr(training, "finish", finish)
    with pytest.raises(Cancelled, match=r"was cancelled by user:1 \(quant\)"):
        teach(run_id)
    assert not PolicyVersion.objects.filter(kind="learned").exists()
    assert Agent.objects.get(slug="eurusd-ppo").version is None


def test_as_many_bars_as_are_asked_for_are_enough(floor: Floor) -> None:
    school.give_history(floor, 1_154)
    school.pupil()
    run = school.run(school.ask())
    found = material.gather(
        training.claim(run_id=run.pk, owner="test"), feature_set="core-1", holding=20, told_terms=None
    )
    assert (len(found.train), len(found.test)) == (500, 500)


def test_a_training_whose_claim_was_lost_writes_nothing(
    schooled: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = school.ask()
    claim = training.claim(run_id=run_id, owner="test")
    school.silent_for_21_seconds(run_id)
    assert training.sweep() == [run_id]
    with pytest.raises(LostClaim):
        lesson.teach(claim)
    assert not PolicyVersion.objects.filter(kind="learned").exists()


def test_what_becomes_nan_stops_and_keeps_the_last_good_weights(
    schooled: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _diverging(monkeypatch)
    run_id = school.ask()
    with pytest.raises(Diverged, match="the reward is not a finite number"):
        teach(run_id)
    (kept,) = SeedWeights.objects.filter(run_id=run_id)
    assert not kept.complete
    assert policies.fetch(kept.artefact.name or "", kept.content_hash).members[0].seed == 0


def test_a_restart_takes_over_the_seeds_that_were_finished(
    schooled: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = teach(school.ask(seeds=2))
    first = school.ask(seeds=2)
    with monkeypatch.context() as patch:
        _dying_at(patch, seed=1)
        with pytest.raises(RuntimeError, match="killed"):
            teach(first)
    school.silent_for_21_seconds(first)
    training.sweep()
    with monkeypatch.context() as patch:
        trained = _counting(patch)
        again = teach(training.restart(run_id=first, by="test"))
    assert trained == [1]
    assert again.content_hash == whole.content_hash


def _cancelling(patch: pytest.MonkeyPatch, run_id: int) -> list[int]:
    """Cancel at the first rollout, and wait for the heartbeat that brings the news."""
    seen: list[int] = []
    real = Pulse.step

    def step(pulse: Pulse, **now: Any) -> bool:
        seen.append(now["step"])
        if len(seen) == 1:
            training.cancel(run_id=run_id, by="test")
            pulse.news.wait(timeout=30)
        return real(pulse, **now)

    patch.setattr(Pulse, "step", step)
    return seen


def _diverging(patch: pytest.MonkeyPatch) -> None:
    real = learning.train_seed

    def train_seed(*args: Any, **kwargs: Any) -> TrainedSeed:
        raise Diverged(step=4096, what="the reward", last_good=real(*args, **kwargs))

    patch.setattr(learning, "train_seed", train_seed)


def _dying_at(patch: pytest.MonkeyPatch, *, seed: int) -> None:
    _before_each(patch, lambda given: _die() if given == seed else None)


def _die() -> None:
    raise RuntimeError("killed")


def _counting(patch: pytest.MonkeyPatch) -> list[int]:
    trained: list[int] = []
    _before_each(patch, trained.append)
    return trained


def _before_each(patch: pytest.MonkeyPatch, do: Callable[[int], None]) -> None:
    real = learning.train_seed

    def train_seed(*args: Any, seed: int, on_progress: Callable[[Progress], bool]) -> TrainedSeed:
        do(seed)
        return real(*args, seed=seed, on_progress=on_progress)

    patch.setattr(learning, "train_seed", train_seed)
