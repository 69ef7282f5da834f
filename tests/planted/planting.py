"""How a fault gets into the code or into the database, and out again."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection

Plant = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What somebody could break, and the test that turns red; `given` are the test's own parameters.

    It turns red by an assertion, or by what the database raises where that is what the fault leads to: `how`.
    """

    name: str
    plant: Plant
    red: Callable[..., Any]
    given: Mapping[str, Any] = field(default_factory=dict)
    how: tuple[type[BaseException], ...] = (AssertionError, pytest.fail.Exception)


def code(*changes: tuple[Any, str, Any]) -> Plant:
    """Replace names of modules or classes."""

    @contextmanager
    def planted() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for where, name, value in changes:
                patch.setattr(where, name, value)
            yield

    return planted


def function(name: str, *changes: tuple[str, str]) -> Plant:
    """Replace words in the body of a function of the database; they have to be there."""

    @contextmanager
    def planted() -> Iterator[None]:
        sound = _definition(name)
        broken = sound
        for words, others in changes:
            assert words in broken, f"{name} no longer says {words!r}"
            broken = broken.replace(words, others)
        _execute(broken)
        try:
            yield
        finally:
            _execute(sound)

    return planted


def sql(plant: str, mend: str) -> Plant:
    """Run one statement before the test and its opposite after it."""

    @contextmanager
    def planted() -> Iterator[None]:
        _execute(plant)
        try:
            yield
        finally:
            _execute(mend)

    return planted


def constraint(table: str, name: str) -> Plant:
    """Drop a constraint; what got past it is deleted before it is back."""

    @contextmanager
    def planted() -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
            ((rule,),) = cursor.fetchall()
        _execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        try:
            yield
        finally:
            _execute(f"TRUNCATE {table} CASCADE")
            _execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")

    return planted


def both(*plants: Plant) -> Plant:
    """Plant several: where one guard stands behind another, the fault is in both."""

    @contextmanager
    def planted() -> Iterator[None]:
        if not plants:
            yield
            return
        with plants[0](), both(*plants[1:])():
            yield

    return planted


def _definition(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s", [name])
        ((text,),) = cursor.fetchall()
    return str(text)


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement.replace("%", "%%"), [])
