"""What the schema says of every operation alike: problems, and who is asked for a session."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Every refusal and failure (RFC 9457). `type` is stable.",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemPart"}},
        "checks": {
            "type": "array",
            "items": {"type": "object", "additionalProperties": True},
            "description": "With /problems/risk-denied: each check with its value and limit.",
        },
        "order": {"type": "string", "description": "With /problems/risk-denied: the order that was denied."},
    },
    "additionalProperties": True,
}
PART: dict[str, Any] = {
    "type": "object",
    "required": ["pointer", "code", "detail"],
    "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
}


class Operations(AutoSchema):
    """Names an operation by its method and address: `get_orders`, `post_orders_cancel`, `get_order`."""

    def get_operation_id(self) -> str:
        words = [word for word in self._tokenize_path() if word]
        if self.path.rstrip("/").endswith("}") and words:
            words[-1] = words[-1].removesuffix("s")
        return "_".join([self.method.lower(), *words]).replace("-", "_")


class BrowserSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "apps.edges.access.BrowserSession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "mtq-session",
            "description": "The session cookie, named mtq-session-<run>; writes send X-CSRFToken too.",
        }


def add_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Give every operation the problem as its answer to whatever goes wrong."""
    schemas = result["components"].setdefault("schemas", {})
    schemas |= {"Problem": PROBLEM, "ProblemPart": PART}
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    answer = {
        "description": "Refused or failed.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("default", answer)
    return result
