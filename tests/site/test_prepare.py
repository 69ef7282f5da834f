import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from apps.agents.models import Agent
from apps.brokers.models import BrokerConnection
from apps.portfolio.models import Account
from apps.risk.models import RiskLimit
from deploy.desk.servers import QuestDB
from mtquant_site import roles


@pytest.fixture
def place(settings: Settings, tmp_path: Path) -> Path:
    settings.MTQ_USERS_FILE = tmp_path / "users.json"
    settings.STATIC_ROOT = tmp_path / "static"
    settings.MTQ_REPLAY_DIR = tmp_path / "replay"
    settings.MTQ_VENUE_URL = "http://127.0.0.1:9/mcp"
    return tmp_path


def _prepare() -> str:
    out = StringIO()
    call_command("prepare", stdout=out)
    return out.getvalue()


def _counts() -> tuple[int, ...]:
    return tuple(
        model.objects.count() for model in (User, Group, Account, BrokerConnection, RiskLimit, Agent)
    )


@pytest.mark.django_db(transaction=True)
def test_a_desk_is_prepared_once_and_a_second_time_changes_nothing(place: Path, questdb: QuestDB) -> None:
    first = _prepare()
    counts = _counts()
    second = _prepare()
    assert "16 new on 1m" in first
    assert "new" not in second
    assert _counts() == counts
    assert Account.objects.get().cash == 0
    assert (place / "static" / "mtquant" / "desk.css").exists()


@pytest.mark.django_db(transaction=True)
def test_the_agents_of_a_replay_trade_what_is_replayed(place: Path, questdb: QuestDB) -> None:
    (place / "replay").mkdir()
    manifest = {"timeframe_minutes": 60, "instruments": [{"name": "EURJPY"}, {"name": "DAX"}]}
    (place / "replay" / "manifest.json").write_text(json.dumps(manifest))
    _prepare()
    assert set(Agent.objects.values_list("instrument", "timeframe")) == {("EURJPY", "1h"), ("DAX", "1h")}


@pytest.mark.django_db(transaction=True)
def test_a_step_that_fails_is_named_in_one_clear_line(
    place: Path, settings: Settings, questdb: QuestDB
) -> None:
    (place / "no").write_text("a file where a folder should be")
    settings.MTQ_USERS_FILE = place / "no" / "users.json"
    with pytest.raises(CommandError, match=r"^roles and users: [^\n]+$"):
        _prepare()


def test_the_first_passwords_are_in_a_file_for_its_owner_alone(place: Path, db: None) -> None:
    roles.ensure_roles()
    roles.ensure_first_users(place / "users.json")
    passwords = json.loads((place / "users.json").read_text())
    assert (place / "users.json").stat().st_mode & 0o777 == 0o600
    assert all(authenticate(username=name, password=word) for name, word in passwords.items())


def test_a_desk_with_users_keeps_their_passwords(place: Path, db: None) -> None:
    User.objects.create_superuser("somebody")
    assert roles.ensure_first_users(place / "users.json") == 0
    assert not (place / "users.json").exists()
