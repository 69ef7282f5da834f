"""Query parameters of lists: declared once, for reading and for the schema. What is unknown is refused."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter

from apps.edges import problems

YEARS = range(1900, 2200)  # beyond them calendars overflow
MOST_FIGURES = 12
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def _plain(text: str) -> str:
    if "\x00" in text:  # no column holds one
        raise ValueError("A zero byte stands in it.")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One parameter: `read` makes a value of its text or raises ValueError with a sentence.

    `lookup` is the condition on rows that it stands for, or empty where the list gives it a meaning.
    """

    name: str
    read: Callable[[str], Any] = _plain
    lookup: str = ""
    help: str = ""
    schema: Mapping[str, Any] | None = None
    required: bool = False

    def described(self) -> OpenApiParameter:
        shown = dict(self.schema or {"type": "string"})
        return OpenApiParameter(self.name, shown, description=self.help, required=self.required)


def choice(name: str, values: Iterable[str], *, lookup: str = "", help: str = "") -> Param:  # noqa: A002
    """Return a parameter that takes one of these values."""
    known = list(values)
    schema = {"type": "string", "enum": known}
    return Param(name=name, read=lambda text: _known(text, known), lookup=lookup, help=help, schema=schema)


def choices(name: str, values: Iterable[str], *, lookup: str = "", help: str = "") -> Param:  # noqa: A002
    """Return a parameter that takes several of these values, with commas between."""
    known = list(values)

    def read(text: str) -> list[str]:
        return [_known(part, known) for part in text.split(",")]

    shown = f"{help} One or more of {', '.join(known)}, with commas between.".strip()
    return Param(name=name, read=read, lookup=lookup, help=shown)


def flag(name: str, *, lookup: str = "", help: str = "") -> Param:  # noqa: A002
    """Return a parameter that is true or false."""

    def read(text: str) -> bool:
        if text not in BOOLEANS:
            raise ValueError(f"{text!r} is not true or false.")
        return BOOLEANS[text]

    return Param(name=name, read=read, lookup=lookup, help=help, schema={"type": "boolean"})


def instant(name: str, *, lookup: str = "", help: str = "") -> Param:  # noqa: A002
    """Return a parameter that is a moment with its zone, RFC 3339."""

    def read(text: str) -> datetime:
        # A plus sign that was not quoted arrives as a space.
        at = parse_datetime(text.replace(" ", "+"))
        if at is None or at.tzinfo is None or at.year not in YEARS:
            raise ValueError(f"{text!r} is not a time like 2026-01-06T03:12:00Z.")
        return at

    return Param(
        name=name, read=read, lookup=lookup, help=help, schema={"type": "string", "format": "date-time"}
    )


def number(name: str, *, least: int, most: int, help: str = "", default: int | None = None) -> Param:  # noqa: A002
    """Return a parameter that is a whole number within bounds."""

    def read(text: str) -> int:
        is_number = text.isascii() and text.isdigit() and len(text) <= MOST_FIGURES
        if not is_number or not least <= int(text) <= most:
            raise ValueError(f"{text!r} is not a whole number from {least} to {most}.")
        return int(text)

    schema = {"type": "integer", "minimum": least, "maximum": most}
    if default is not None:
        schema["default"] = default
    return Param(name=name, read=read, help=help, schema=schema)


def amount(text: str) -> Decimal:
    """Return a finite decimal. Raise ValueError with a sentence."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite():
        raise ValueError(f"{text!r} is not a decimal number.")
    return value


def read(query: QueryDict, params: Sequence[Param]) -> dict[str, Any]:
    """Return the values of the parameters that are there. Raise a 400 problem that names the bad one."""
    known = {param.name: param for param in params}
    found: dict[str, Any] = {}
    for name, texts in query.lists():
        if name not in known:
            raise problems.invalid(name, f"There is no parameter {name!r}.{_nearest(name, known)}")
        if len(texts) > 1:
            raise problems.invalid(name, f"{name} is given more than once.")
        try:
            found[name] = known[name].read(texts[0])
        except ValueError as error:
            raise problems.invalid(name, f"{name}: {error}") from None
    for param in params:
        if param.required and param.name not in found:
            raise problems.invalid(param.name, f"{param.name} is required.", code="required")
    return found


def conditions(values: Mapping[str, Any], params: Sequence[Param]) -> dict[str, Any]:
    """Return the conditions on rows that these values stand for."""
    return {param.lookup: values[param.name] for param in params if param.lookup and param.name in values}


def _known(text: str, known: list[str]) -> str:
    if text not in known:
        raise ValueError(f"{text!r} is not known.{_nearest(text, known)}")
    return text


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f" Did you mean {near[0]}?" if near else f" Known are {', '.join(names) or 'none'}."
