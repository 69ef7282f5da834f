"""What each kind of change says of itself, and how its payload is read."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.portfolio.domain.use import exact_text
from apps.risk.domain.change import Change, Payload
from apps.risk.errors import BadChange

Facts = dict[str, str | None]
SOURCES = re.compile(r"\*|(?:agent|user|token):(?:\*|[-\w.]{1,80}\*?)")
INSTRUMENTS = re.compile(r"\*|[\w.]{1,31}\*?")
INSTRUMENT = re.compile(r"[\w.]{1,32}")
SLUG = re.compile(r"[-\w]{1,80}")
# What a column holds: 18 digits before the point and 10 after it. Told by the exponent, for to write out a
# number such as 1e999999999 takes a gigabyte.
LARGEST, FINEST = 17, -10


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`clean` makes a payload canonical or raises BadChange; `guard` names whose lock it takes.

    `before` is what stands now in its place; `apply` puts it in force under the guard's lock. Where that
    needs what no lock may wait for, `ahead` is called before it, and returns what does so in its place.
    """

    clean: Callable[[Payload], Facts]
    guard: Callable[[Facts], str]
    subject: Callable[[Facts], str]
    before: Callable[[Facts], Facts]
    apply: Callable[[Change], None]
    ahead: Callable[[], Callable[[Change], None]] | None = None


def only(payload: Payload, names: Collection[str]) -> None:
    """Raise BadChange for members that this kind does not have."""
    if unknown := sorted(set(payload) - set(names)):
        raise BadChange(f"there is no {unknown[0]!r} in such a change: it has {', '.join(sorted(names))}")


def text(payload: Payload, name: str, *, like: re.Pattern[str] | None = None, default: str = "") -> str:
    """Return a member that is text. Raise BadChange."""
    value = payload.get(name, default)
    if not isinstance(value, str) or (like is not None and not like.fullmatch(value)):
        raise BadChange(f"{name} cannot be {value!r}")
    return value


def choice(payload: Payload, name: str, among: Collection[str], *, default: str = "") -> str:
    """Return a member that is one of a few words. Raise BadChange."""
    value = text(payload, name, default=default)
    if value not in among:
        raise BadChange(f"{name} is one of {', '.join(among)}, not {value!r}")
    return value


def number(payload: Payload, name: str) -> Decimal:
    """Return a member that is a number a column holds, written as text or given as one. Raise BadChange."""
    value: Any = payload.get(name)
    try:
        found = Decimal(value) if isinstance(value, str | int | Decimal) else Decimal("nan")
    except InvalidOperation:
        found = Decimal("nan")
    if isinstance(value, bool) or not found.is_finite():
        raise BadChange(f"{name} is a decimal number, not {value!r}")
    if found.adjusted() > LARGEST or int(found.as_tuple().exponent) < FINEST:
        raise BadChange(f"{name} has at most 18 digits before the point and 10 after it")
    return found


def maybe(payload: Payload, name: str) -> Decimal | None:
    """Return a number, or None where it is left out. Raise BadChange."""
    value = payload.get(name)
    return None if value is None or value == "" else number(payload, name)


def digits(value: Decimal | None) -> str | None:
    """Write a number the one way that a hash is made of: plain, without zeros at its end."""
    if value is None:
        return None
    plain = exact_text(value)
    return "0" if plain in {"-0", ""} else plain


def agreed(change: Change) -> str:
    """Return under whose names a change is kept that two people made."""
    return f"{change.maker}, {change.decided_by}"


def facts(payload: Payload) -> Facts:
    """Return a stored payload as it was made canonical."""
    return {str(name): None if value is None else str(value) for name, value in payload.items()}
