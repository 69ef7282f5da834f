"""When a permit has no verdict: nothing is known to be written, and the same may be asked again."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, InterfaceError, OperationalError
from psycopg.errors import CheckViolation

from apps.portfolio.errors import Busy as AccountHeld
from apps.risk.errors import Busy

LOST = (OperationalError, InterfaceError)
OVER = "portfolio_reservation_room"  # the trigger that repeats the desk's caps at the end


@contextmanager
def busy_without_verdict() -> Iterator[None]:
    """Turn locks that others hold, a database that is away, and room that went at the end into Busy."""
    try:
        yield
    except AccountHeld as error:
        raise Busy(str(error)) from error
    except LOST as error:
        raise Busy(f"the database did not answer: {error}") from error
    except IntegrityError as error:
        if _is_over(error.__cause__):
            raise Busy("the desk's room went while this was written") from error
        raise


def _is_over(cause: BaseException | None) -> bool:
    return isinstance(cause, CheckViolation) and cause.diag.constraint_name == OVER
