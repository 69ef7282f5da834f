"""The tick beat's task: one call to the door."""

import logging

from celery import shared_task

from apps.agents import tick

log = logging.getLogger(__name__)


@shared_task(name="agents.tick")
def run_tick() -> None:
    done = tick.run()
    if done.signals:
        log.info("tick: %s agents, %s signals, %s orders", done.agents, done.signals, done.orders)
