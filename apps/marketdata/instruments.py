"""Instruments as the venue describes them, by plain name."""

import logging
import threading
import time

from django.db import DatabaseError

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.sessions import SessionRule
from apps.marketdata.errors import StoreUnavailable, UnknownInstrument
from apps.marketdata.models import Instrument

_KEPT_S = 5.0

logger = logging.getLogger(__name__)


class _Shelf:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._held: dict[str, tuple[InstrumentSpec, SessionRule]] = {}

    def all(self) -> dict[str, tuple[InstrumentSpec, SessionRule]]:
        with self._lock:
            if time.monotonic() - self._read_at > _KEPT_S:
                self._read()
            return self._held

    def _read(self) -> None:
        try:
            rows = list(Instrument.objects.all())
        except DatabaseError as error:
            if not self._held:
                raise StoreUnavailable(f"the instruments cannot be read: {error}") from error
            # Quotes must go on while PostgreSQL is away, and these hardly ever change.
            logger.warning("instruments are as last read, PostgreSQL does not answer: %s", error)
        else:
            self._held = {row.name: (row.spec(), SessionRule(row.session_rule)) for row in rows}
        self._read_at = time.monotonic()

    def forget(self) -> None:
        with self._lock:
            self._read_at = float("-inf")


_shelf = _Shelf()


def specs() -> dict[str, InstrumentSpec]:
    """Return every registered instrument by name, at most 5 s old while PostgreSQL answers.

    Raise StoreUnavailable where they were never read.
    """
    return {name: spec for name, (spec, _) in _shelf.all().items()}


def spec(name: str) -> InstrumentSpec:
    """Return one instrument. Raise UnknownInstrument."""
    return _entry(name)[0]


def session_rule(name: str) -> SessionRule:
    """Return when it trades. Raise UnknownInstrument."""
    return _entry(name)[1]


def session_rules() -> dict[str, SessionRule]:
    """Return when each instrument trades."""
    return {name: rule for name, (_, rule) in _shelf.all().items()}


def forget() -> None:
    """Read again next time: rows were changed by this process."""
    _shelf.forget()


def _entry(name: str) -> tuple[InstrumentSpec, SessionRule]:
    try:
        return _shelf.all()[name]
    except KeyError:
        raise UnknownInstrument(name) from None
