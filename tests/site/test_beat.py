"""The beat and a queue that nobody reads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery.apps.beat import Beat
from celery.beat import ScheduleEntry, Service

from mtquant_site.beat import PatientScheduler
from mtquant_site.celery_app import app


@pytest.fixture
def beat(valkey: str, tmp_path: Path) -> Iterator[PatientScheduler]:
    made = PatientScheduler(app=app, schedule_filename=str(tmp_path / "schedule"))
    yield made
    made.close()


def due(beat: PatientScheduler, name: str, *, times: int) -> None:
    entry: ScheduleEntry = beat.schedule[name]
    for _ in range(times):
        beat.apply_entry(entry, producer=beat.producer)


def test_while_no_trainer_runs_one_message_waits_for_it(beat: PatientScheduler, valkey: str) -> None:
    due(beat, "agents.train", times=5)
    with redis.Redis.from_url(valkey) as queues:
        assert queues.llen("training") == 1
        queues.lpop("training")  # a trainer is there
        due(beat, "agents.train", times=5)
        assert queues.llen("training") == 1


def test_the_message_that_waits_does_not_expire(beat: PatientScheduler, valkey: str) -> None:
    """However old it is, the trainer that comes at last takes it."""
    due(beat, "agents.train", times=1)
    with redis.Redis.from_url(valkey) as queues:
        assert b'"expires": null' in queues.lindex("training", 0)


def test_what_shares_a_queue_is_always_sent(beat: PatientScheduler, valkey: str) -> None:
    due(beat, "risk.watch", times=3)
    with redis.Redis.from_url(valkey) as queues:
        assert queues.llen("celery") == 3


def test_the_desk_s_beat_is_this_one(valkey: str, tmp_path: Path) -> None:
    started: Any = Beat(app=app)
    service = Service(app, scheduler_cls=started.scheduler_cls, schedule_filename=str(tmp_path / "schedule"))
    assert type(service.scheduler) is PatientScheduler
    service.scheduler.close()
