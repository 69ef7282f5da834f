"""Dates as people type them."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime


def instant(text: str) -> datetime:
    """Read a date or an instant; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no date: write 2014-01-01 or 2014-01-01T12:00") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
