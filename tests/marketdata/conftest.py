"""A desk's market data on real servers, with a run of its own for every test."""

import uuid

import pytest
from pytest_django import Settings

from deploy.desk.servers import QuestDB
from tests.marketdata.samples import EURUSD, XAUUSD


@pytest.fixture
def run(db: None, valkey: str, questdb: QuestDB, settings: Settings) -> str:
    """Name this test's run, with EURUSD and XAUUSD registered."""
    # Models cannot be imported yet when pytest reads this file.
    from apps.marketdata import history, ingestion, instruments  # noqa: PLC0415

    settings.MTQ_RUN = f"run-{uuid.uuid4().hex[:12]}"
    history.ensure_schema()
    instruments.forget()
    ingestion.register(source=settings.MTQ_RUN, specs=[("EURUSD", EURUSD), ("XAUUSD", XAUUSD)])
    return str(settings.MTQ_RUN)
