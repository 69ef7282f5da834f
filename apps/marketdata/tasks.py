"""Tasks of market data: each makes one call to a door."""

import logging

from celery import shared_task

from apps.marketdata import ingestion
from apps.marketdata.errors import StoreUnavailable

logger = logging.getLogger(__name__)


@shared_task(name="marketdata.ingest")
def ingest() -> None:
    """Drain the streams. What a store would not take stays there for the next run."""
    try:
        drained = ingestion.drain()
    except StoreUnavailable as error:
        logger.warning("ingestion waits: %s", error)
        return
    if drained.faults:
        logger.warning("ingestion met %d faults", drained.faults)
