"""The fixtures themselves: what a test asks for is real, empty and reachable."""

import os

import psycopg
import pytest
import redis
from django.db import connection
from questdb import Sender, TimestampNanos

from deploy.desk.servers import Postgres, QuestDB


@pytest.mark.django_db
def test_a_database_test_talks_to_postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select version()")
        assert "PostgreSQL 18" in str(cursor.fetchone())


def test_addresses_in_the_environment_are_the_servers_own(postgres: Postgres) -> None:
    assert os.environ["DATABASE_URL"] == postgres.url
    with psycopg.connect(postgres.url) as wire:
        assert wire.execute("select current_database()").fetchone() == ("mtquant",)


def test_valkey_is_empty_at_first(valkey: str) -> None:
    with redis.Redis.from_url(valkey) as client:
        assert client.dbsize() == 0


def test_a_row_written_to_questdb_is_read_over_the_postgresql_wire(questdb: QuestDB) -> None:
    with psycopg.connect(questdb.pg_url, autocommit=True) as wire:
        wire.execute("create table testbed_rows (ts timestamp, x double) timestamp(ts) partition by day wal")
        with Sender.from_conf(questdb.conf) as sender:
            sender.row("testbed_rows", columns={"x": 1.5}, at=TimestampNanos(1_700_000_000_000_000_000))
        wire.execute("select wait_wal_table('testbed_rows')")
        assert wire.execute("select x from testbed_rows").fetchone() == (1.5,)
