"""Instruments as the venue describes them, by plain name."""

import threading
import time

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.sessions import SessionRule
from apps.marketdata.errors import UnknownInstrument
from apps.marketdata.models import Instrument

_KEPT_S = 5.0


class _Shelf:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._held: dict[str, tuple[InstrumentSpec, SessionRule]] = {}

    def all(self) -> dict[str, tuple[InstrumentSpec, SessionRule]]:
        with self._lock:
            if time.monotonic() - self._read_at > _KEPT_S:
                rows = Instrument.objects.all()
                self._held = {row.name: (row.spec(), SessionRule(row.session_rule)) for row in rows}
                self._read_at = time.monotonic()
            return self._held

    def forget(self) -> None:
        with self._lock:
            self._read_at = float("-inf")


_shelf = _Shelf()


def specs() -> dict[str, InstrumentSpec]:
    """Return every registered instrument by name; at most 5 s old."""
    return {name: spec for name, (spec, _) in _shelf.all().items()}


def spec(name: str) -> InstrumentSpec:
    """Return one instrument. Raise UnknownInstrument."""
    return _entry(name)[0]


def session_rule(name: str) -> SessionRule:
    """Return when it trades. Raise UnknownInstrument."""
    return _entry(name)[1]


def forget() -> None:
    """Read again next time: rows were changed by this process."""
    _shelf.forget()


def _entry(name: str) -> tuple[InstrumentSpec, SessionRule]:
    try:
        return _shelf.all()[name]
    except KeyError:
        raise UnknownInstrument(name) from None
