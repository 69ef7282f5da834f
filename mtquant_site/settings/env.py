"""Reads the environment with types, and says in one line what is wrong with it."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set: start the desk with ./mtquant up, or set it")
    return value


def number(name: str, default: str) -> float:
    try:
        return float(text(name, default))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a number") from error


def folder(name: str, default: Path) -> Path:
    return Path(text(name, str(default)))


def postgres(name: str) -> dict[str, Any]:
    """Translate a postgres:// address into a Django database with a connection pool."""
    parts = urlsplit(text(name))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must look like postgres://USER:PASSWORD@HOST:PORT/DATABASE")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "127.0.0.1",
        "PORT": str(parts.port or 5432),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": 12, "timeout": 5},
            # Whoever gave up on an answer holds its locks no longer than this.
            "options": "-c client_connection_check_interval=500ms",
        },
    }
