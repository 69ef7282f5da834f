"""A database for each kind of race, copied from a migrated one: limits of one never bind in another."""

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

from apps.marketdata import instruments
from apps.risk import covariances

OWN_RUN = "drill-"


def are_ours() -> bool:
    """Tell whether this process was started on servers of a drill's own."""
    return bool(settings.MTQ_RUN.startswith(OWN_RUN))


class Grounds:
    """Migrates the empty database once; after that each race has a copy of it."""

    def __init__(self) -> None:
        call_command("migrate", verbosity=0)
        self._template: str = connection.settings_dict["NAME"]

    def fresh(self, name: str) -> str:
        """Make a database of this name, let this process use it from now on, and return its address."""
        connections.close_all()
        database = f"drill_{name}"
        names = sql.Identifier(database), sql.Identifier(self._template)
        with psycopg.connect(_address("postgres"), autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(names[0]))
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        connection.settings_dict["NAME"] = database
        instruments.forget()
        covariances.forget()
        return _address(database)


def _address(database: str) -> str:
    given = connection.settings_dict
    return f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{database}"
