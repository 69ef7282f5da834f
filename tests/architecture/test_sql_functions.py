"""What the functions in the database may name: an app's own tables, and never those of another."""

import re

import pytest
from django.apps import apps as registry
from django.db import connection

OWNERS = ("portfolio", "risk")
BODIES = "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE %s"


def bodies(app: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(BODIES, [f"{app}\\_%"])
        return dict(cursor.fetchall())


@pytest.mark.django_db
@pytest.mark.parametrize("app", OWNERS)
def test_no_function_names_a_table_of_another_app(app: str) -> None:
    foreign = {
        model._meta.db_table for model in registry.get_models(include_auto_created=True)
        if model._meta.app_label != app
    }  # fmt: skip
    named = {
        name: tables
        for name, body in bodies(app).items()
        if (tables := foreign & set(re.findall(r"\w+", body)))
    }
    assert bodies(app)
    assert named == {}


@pytest.mark.django_db
@pytest.mark.parametrize("app", OWNERS)
def test_functions_call_only_floors_below(app: str) -> None:
    above = OWNERS[OWNERS.index(app) + 1 :]
    called = {
        name
        for name, body in bodies(app).items()
        if any(re.search(rf"\b{upper}_\w+\(", body) for upper in above)
    }
    assert called == set()


@pytest.mark.django_db
def test_every_function_of_a_permit_is_volatile_so_that_it_sees_what_was_committed_while_it_waited() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone()[0] == "read committed"
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND proname ~ '^(portfolio|risk)_' AND (provolatile <> 'v'"
            " OR prolang <> (SELECT oid FROM pg_language WHERE lanname = 'plpgsql'))"
        )
        assert cursor.fetchall() == []
