"""A desk on real servers: clock on a Wednesday, three instruments, a funded paper account, default limits."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

if TYPE_CHECKING:
    from tests.risk.desk import Desk


@pytest.fixture
def desk(transactional_db: None, valkey: str, settings: Settings, tmp_path: Path) -> "Desk":
    # Models cannot be imported yet when pytest reads this file.
    from tests.risk.desk import open_desk  # noqa: PLC0415

    return open_desk(settings, tmp_path)
