import pytest
from django.core.checks import run_checks
from django.test import Client
from pytest_django.fixtures import Settings

from mtquant_site import checks, health


def test_alive_is_answered_without_a_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.django_db
def test_ready_lists_every_part(client: Client, valkey: str) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert [part["name"] for part in answer.json()["parts"]] == [name for name, _ in health.PARTS]


@pytest.mark.django_db
def test_a_cache_that_is_gone_makes_the_desk_not_ready_and_names_no_secret(
    client: Client, settings: Settings
) -> None:
    backend = settings.CACHES["default"]["BACKEND"]
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://:secret-word@127.0.0.1:1/0"}}
    answer = client.get("/readyz")
    parts = {part["name"]: part["ok"] for part in answer.json()["parts"]}
    assert answer.status_code == 503
    assert parts == {"database": True, "cache": False, "channel layer": True, "migrations": True}
    assert "secret-word" not in answer.content.decode()


def _ids() -> set[str]:
    return {found.id for found in run_checks() if found.id and found.id.startswith("mtquant")}


def test_the_settings_of_a_paper_desk_pass() -> None:
    assert _ids() == set()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"MTQ_WORLD": "moon"}, "mtquant.E001"),
        ({"MTQ_WORLD": "live", "DEBUG": True}, "mtquant.E002"),
        ({"MTQ_WORLD": "live", "MTQ_SPEED": 60.0}, "mtquant.E003"),
        ({"MTQ_WORLD": "live", "SECRET_KEY": "short"}, "mtquant.E004"),
        ({"MTQ_SPEED": 0.0}, "mtquant.E005"),
        ({"MTQ_QUOTE_JUMP_BAND": 0.0}, "mtquant.E006"),
        ({"MTQ_QUOTE_SPREAD_TIMES": float("nan")}, "mtquant.E006"),
        ({"MTQ_QUOTE_SETTLES_S": float("inf")}, "mtquant.E006"),
        ({"MTQ_MAINTENANCE": "at night"}, "mtquant.E007"),
        ({"QUESTDB_CONF": ""}, "mtquant.W001"),
    ],
)
def test_dangerous_mixes_are_refused_by_id(
    settings: Settings, changes: dict[str, object], expected: str
) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)
    assert expected in {found.id for found in checks.refuse_dangerous_mixes(None)}
