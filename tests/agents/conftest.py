"""A desk with history: the risk desk's account and market, and an hour and a half of EURUSD minutes."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

from deploy.desk.servers import QuestDB

if TYPE_CHECKING:
    from tests.agents.floor import Floor


@pytest.fixture
def floor(
    transactional_db: None, valkey: str, questdb: QuestDB, settings: Settings, tmp_path: Path
) -> "Floor":
    # Models cannot be imported yet when pytest reads this file.
    from tests.agents.floor import open_floor  # noqa: PLC0415

    return open_floor(settings, tmp_path)
