"""A desk on a Wednesday noon whose market is given bar by bar, and somebody who may look at it."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from deploy.desk.servers import QuestDB


@pytest.fixture
def viewer(db: None, valkey: str, questdb: QuestDB, settings: Settings, tmp_path: Path) -> Client:
    # Models cannot be imported yet when pytest reads this file.
    from django.contrib.auth.models import Group, User  # noqa: PLC0415

    from apps.marketdata import history  # noqa: PLC0415
    from apps.marketdata.api import days  # noqa: PLC0415
    from mtquant_site import roles  # noqa: PLC0415
    from tests.risk.desk import open_desk  # noqa: PLC0415

    open_desk(settings, tmp_path)
    history.ensure_schema()
    days.forget()
    roles.ensure_roles()
    user = User.objects.create_user("viewer", is_staff=True)
    user.groups.add(Group.objects.get(name="viewer"))
    browser = Client()
    browser.force_login(user)
    return browser
