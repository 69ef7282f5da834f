"""The tasks of the beat: one call to a door each."""

import logging

from celery import shared_task

from apps.agents import tick, training

log = logging.getLogger(__name__)


@shared_task(name="agents.tick")
def run_tick() -> None:
    done = tick.run()
    if done.signals:
        log.info("tick: %s agents, %s signals, %s orders", done.agents, done.signals, done.orders)


@shared_task(name="agents.train")
def train_next() -> None:
    """Work off the queue: the next training begins when one has ended, not when the beat comes again."""
    while ran := training.run_next():
        log.info("training %s: its process ended with code %s", ran.run_id, ran.code)
