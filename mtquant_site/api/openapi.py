"""The schema as the text of `frontend/openapi.json`, from which the web app's types are made."""

import json
from pathlib import Path

from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

FILE = Path(__file__).resolve().parents[2] / "frontend" / "openapi.json"
COMMAND = "DJANGO_SETTINGS_MODULE=mtquant_site.settings.test .venv/bin/python manage.py openapi"


class Unclear(Exception):  # noqa: N818
    """A view does not say exactly what it takes or answers."""


def text() -> str:
    """Return the schema of all of /api/v1/, always the same for the same code. Raise Unclear on a warning."""
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        found = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    said = [*GENERATOR_STATS._error_cache, *GENERATOR_STATS._warn_cache]  # noqa: SLF001 (nothing public tells)
    if said:
        raise Unclear("\n".join(said))
    validate_schema(found)  # type: ignore[no-untyped-call]
    return json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
