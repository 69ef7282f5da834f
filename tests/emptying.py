"""Empties the database after a test that committed.

Django would truncate every table, and then write all content types and permissions anew: hundreds of
statements after each of hundreds of tests. Here what migrations wrote stays, and the rest is deleted.
"""

from functools import cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction
from django.test import TransactionTestCase

WRITTEN_BY_MIGRATIONS = ("django_content_type", "auth_permission")


@cache
def state_after_migrations(alias: str) -> Any:
    """Remember, at the first call, what tells whether a test has changed the rows that stay."""
    return _state(alias)


def empty(case: TransactionTestCase) -> None:
    """Stand in for `TransactionTestCase._fixture_teardown`."""
    for alias in case._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute(_deletion(alias))
        assert _state(alias) == state_after_migrations(alias), "a test changed content types or permissions"
    ContentType.objects.clear_cache()  # as writing them anew does


@cache
def _deletion(alias: str) -> str:
    connection = connections[alias]
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    names = [connection.ops.quote_name(name) for name in tables if name not in WRITTEN_BY_MIGRATIONS]
    return ";".join(
        [
            "SET LOCAL session_replication_role = replica",  # no key is checked, no trigger refuses
            f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE",  # like TRUNCATE, wait for who still writes
            *(f"DELETE FROM {name}" for name in names),
        ]
    )


def _state(alias: str) -> Any:
    parts = (f"(SELECT (count(*), max(id))::text FROM {name})" for name in WRITTEN_BY_MIGRATIONS)
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}")
        return cursor.fetchone()
