"""Holds answers against the schema, exactly: nothing more, nothing less, nothing of another kind."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from mtquant_site.api import openapi


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(openapi.text())
    for name, shape in found["components"]["schemas"].items():
        if shape.get("type") == "object" and not name.startswith("Problem"):
            shape.setdefault("additionalProperties", False)
    return found


def faults(body: Any, path: str, *, method: str = "get", status: str = "200") -> list[str]:
    """Return where a body departs from what the schema says of this operation (`path` as in the schema)."""
    answer = document()["paths"][path][method]["responses"][status]
    (content,) = answer["content"].values()
    return _faults(body, content["schema"])


def component_faults(body: Any, name: str) -> list[str]:
    """Return where a body departs from a component."""
    return _faults(body, {"$ref": f"#/components/schemas/{name}"})


def _faults(body: Any, schema: dict[str, Any]) -> list[str]:
    validator = Draft202012Validator(schema | {"components": document()["components"]})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]
