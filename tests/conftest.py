"""Fixtures for all rooms: real servers of the test run's own, started only when a test asks for them."""

import os
from collections.abc import Iterator

import django
import pytest
import redis
from django.conf import settings
from pytest_django import DjangoDbBlocker

from deploy.desk.servers import Postgres, QuestDB
from deploy.desk.testbed import Testbed, use

# Django must know the addresses when it reads its settings: they are claimed on import, nothing starts here.
if settings.configured:
    raise pytest.UsageError(
        "settings were read before the test servers' addresses: unset DJANGO_SETTINGS_MODULE"
    )
_testbed = Testbed.claim()
use(_testbed)
os.environ["DJANGO_SETTINGS_MODULE"] = "mtquant_site.settings.test"
django.setup()  # here, since the conftest.py of a room may import models before the plugin would do it


# What is tested here shares no code with domain/ (import contract `venue-apart`) or runs in other processes.
UNTRACED = ("tests/brokers/simulators/", "tests/deploy/", "tests/pages/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure coverage where domain/ is at work: elsewhere tracing only makes a test slower."""
    for item in items:
        if item.nodeid.startswith(UNTRACED):
            item.add_marker("no_cover")


def pytest_unconfigure() -> None:
    _testbed.close()


@pytest.fixture(scope="session")
def testbed() -> Testbed:
    return _testbed


@pytest.fixture(scope="session")
def postgres(testbed: Testbed) -> Postgres:
    """A PostgreSQL of this run's own, with the Valkey that most doors ring after commit."""
    testbed.start(testbed.postgres)
    testbed.start(testbed.valkey)
    return testbed.postgres


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres: Postgres) -> None:
    """Start the server before pytest-django makes its database."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make the database once; after each test that committed, only delete what it left."""
    # Imported here: models can be read only after `django.setup()`.
    from django.test import TransactionTestCase  # noqa: PLC0415

    from tests import emptying  # noqa: PLC0415

    with django_db_blocker.unblock():
        emptying.state_after_migrations("default")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptying.empty)
        yield


@pytest.fixture
def valkey(testbed: Testbed) -> Iterator[str]:
    """The address of an empty Valkey."""
    testbed.start(testbed.valkey)
    with redis.Redis.from_url(testbed.valkey.url) as client:
        client.flushall()
        yield testbed.valkey.url


@pytest.fixture(scope="session")
def questdb(testbed: Testbed) -> QuestDB:
    """A QuestDB shared by the run (`.conf` writes, `.pg_url` reads): name your tables or sources apart."""
    testbed.start(testbed.questdb)
    return testbed.questdb
