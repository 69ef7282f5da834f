"""Quotes and closed bars on their way from a venue into the stores.

The gateway publishes into bounded streams; the task `marketdata.ingest` drains them in batches and
acknowledges only what is stored and visible. Latest quotes do not wait for the task: publishing puts them
up at once.
"""

from apps.marketdata.ingestion.draining import Drained, drain
from apps.marketdata.ingestion.faults import record_fault
from apps.marketdata.ingestion.publishing import poke, publish_bars, publish_quotes
from apps.marketdata.ingestion.registering import register

__all__ = ["Drained", "drain", "poke", "publish_bars", "publish_quotes", "record_fault", "register"]
