"""A replay keeps the newest part of its past for a locked test: nothing is trained or judged on it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from apps.agents import training
from apps.agents.errors import HardFaults, NotAllowed
from apps.agents.models import TrainingRun
from apps.agents.training import exams, material, readiness, replay
from apps.agents.training.material import Periods
from apps.marketdata.domain.arrays import to_datetime64
from apps.marketdata.domain.bar import BarWindow, Timeframe
from tests.agents import networks, school
from tests.agents.floor import Floor
from tests.marketdata.samples import bars

FIRST, START = datetime(2012, 11, 18, tzinfo=UTC), datetime(2018, 7, 1, tzinfo=UTC)
LOCKED_AT = datetime(2017, 1, 1, tzinfo=UTC)
HOURS = int((datetime(2018, 9, 1, tzinfo=UTC) - FIRST) / timedelta(hours=1))
DAY = timedelta(days=1)


def replayed(settings: Settings, folder: Path, start_at: datetime) -> None:
    settings.MTQ_REPLAY_DIR = folder / "replay"
    settings.MTQ_REPLAY_DIR.mkdir()
    told = {
        "start_at": f"{start_at:%Y-%m-%dT%H:%M:%SZ}",
        "timeframe_minutes": 1,
        "instruments": [{"name": "EURUSD", "spread": "assumed:v1"}],
    }
    (settings.MTQ_REPLAY_DIR / "manifest.json").write_text(json.dumps(told))


@pytest.fixture(scope="module")
def years() -> BarWindow:
    """Hourly bars from November 2012 to two months behind the start of the replay."""
    return bars(HOURS, first=FIRST, timeframe=Timeframe.H1)


@pytest.fixture
def half_year_2018(settings: Settings, tmp_path: Path) -> None:
    replayed(settings, tmp_path, START)


@pytest.mark.usefixtures("half_year_2018")
def test_the_eighteen_months_before_the_start_are_locked(years: BarWindow) -> None:
    assert replay.locked_in(years) == replay.Locked(first_at=LOCKED_AT, last_at=START)


@pytest.mark.usefixtures("half_year_2018")
@pytest.mark.parametrize("named", [(), (None,), (FIRST, None), (LOCKED_AT,)])
def test_without_dates_behind_it_no_locked_bar_is_read(years: BarWindow, named: tuple[Any, ...]) -> None:
    assert replay.readable(years, named).last_close_at == LOCKED_AT


@pytest.mark.usefixtures("half_year_2018")
@pytest.mark.parametrize(
    ("first", "last", "touches"),
    [
        (FIRST, LOCKED_AT, False),
        (FIRST, LOCKED_AT + DAY, True),
        (LOCKED_AT + DAY, START - DAY, True),
        (START - DAY, START + DAY, True),
        (START, START + DAY, False),
    ],
)
def test_dates_that_touch_it_are_refused(
    years: BarWindow, first: datetime, last: datetime, touches: bool
) -> None:
    if touches:
        with pytest.raises(
            NotAllowed, match="2017-01-01 00:00 to 2018-07-01 00:00 is kept for a locked test"
        ):
            replay.refuse(years, first=first, last=last)
    else:
        replay.refuse(years, first=first, last=last)


def test_of_a_short_past_the_last_part_is_locked(settings: Settings, tmp_path: Path) -> None:
    replayed(settings, tmp_path, FIRST + 100 * DAY)
    window = bars(200 * 24, first=FIRST, timeframe=Timeframe.H1)
    assert replay.locked_in(window) == replay.Locked(first_at=FIRST + 70 * DAY, last_at=FIRST + 100 * DAY)


def test_a_synthetic_market_has_nothing_to_keep(years: BarWindow) -> None:
    assert replay.locked_in(years) is None
    assert replay.readable(years, ()) is years


@pytest.mark.usefixtures("half_year_2018")
@pytest.mark.parametrize("content", ["{", "[]", '{"start_at": 7}', "{}"])
def test_a_manifest_that_cannot_be_read_locks_everything(
    years: BarWindow, settings: Settings, content: str
) -> None:
    (settings.MTQ_REPLAY_DIR / "manifest.json").write_text(content)
    with pytest.raises(HardFaults, match="manifest"):
        replay.readable(years, ())


@pytest.fixture
def replaying(floor: Floor, settings: Settings, tmp_path: Path) -> datetime:
    """A desk that replays from 300 minutes ago on; return when its locked stretch begins."""
    school.give_history(floor)
    school.pupil()
    oldest, start_at = floor.noon - school.BARS * school.MINUTE, floor.noon - 300 * school.MINUTE
    replayed(settings, tmp_path, start_at)
    return oldest + (start_at - oldest) * replay.READ_SHARE


def gathered(**periods: Any) -> Periods:
    run_id = training.queue(agent_slug="eurusd-ppo", config={}, deploy=False, by="test", **periods)
    claim = training.claim(run_id=run_id, owner="test")
    return material.gather(claim, feature_set="core-1", holding=20, told_terms=None).periods


def test_a_training_without_dates_ends_before_the_locked_stretch(replaying: datetime) -> None:
    assert gathered().eval_to <= replaying


def test_a_training_whose_dates_reach_into_it_is_refused(replaying: datetime) -> None:
    with pytest.raises(NotAllowed, match="kept for a locked test"):
        gathered(eval_to=replaying + 10 * school.MINUTE)


def test_a_version_is_not_judged_on_it_again(floor: Floor, replaying: datetime) -> None:
    oldest = floor.noon - school.BARS * school.MINUTE
    TrainingRun.objects.filter(pk=school.ask()).update(
        train_from=oldest, train_to=oldest + 700 * school.MINUTE
    )
    version = networks.publish(networks.stubborn("buy"), name="eurusd-ppo")
    found = exams.exam(version_id=version.pk, eval_from=None, eval_to=None)
    assert found.periods.eval_to <= replaying
    assert found.market.open_at[-1] < to_datetime64(replaying)
    with pytest.raises(NotAllowed, match="kept for a locked test"):
        exams.exam(version_id=version.pk, eval_from=None, eval_to=floor.noon)


def test_a_demonstration_stays_before_it_however_far_the_replay_is(floor: Floor, replaying: datetime) -> None:
    found = readiness.look("EURUSD", Timeframe.M1)
    school.store(bars(60, first=floor.noon))
    assert found.eval_to is not None
    assert found.eval_to <= replaying
    assert readiness.look("EURUSD", Timeframe.M1) == found
