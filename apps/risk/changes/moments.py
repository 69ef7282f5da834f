"""The moment from which a change is in force."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """Return the database's wall time, which permits compare rows with: a host's clock may be off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at
