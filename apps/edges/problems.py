"""Refusals and failures in one shape, `application/problem+json`, each with a stable type."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from apps.edges import tracing

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
API = "/api/"
ASK_AGAIN_AFTER_S = 1.0
# kind: HTTP status, title. The type is `/problems/<kind>` and never changes its meaning.
KINDS: dict[str, tuple[int, str]] = {
    "invalid": (400, "The request is not valid"),
    "malformed": (400, "The request cannot be read"),
    "idempotency-key-missing": (400, "An Idempotency-Key header is required"),
    "not-signed-in": (401, "Nobody is signed in"),
    "wrong-password": (401, "The name or the password is wrong"),
    "forbidden": (403, "You may not do this"),
    "password-needed": (403, "Prove your password once more"),
    "not-found": (404, "There is no such thing"),
    "method-not-allowed": (405, "This cannot be done here"),
    "not-acceptable": (406, "This form of answer is not available"),
    "conflict": (409, "This is not possible now"),
    "already-training": (409, "This agent is trained already"),
    "still-running": (409, "The first request with this key is still running"),
    "stale": (412, "It has changed in the meantime"),
    "too-large": (413, "The request is too large"),
    "unsupported-media-type": (415, "This form of request is not understood"),
    "unprocessable": (422, "The request makes no sense here"),
    "idempotency-key-reused": (422, "This Idempotency-Key belongs to another request"),
    "risk-denied": (422, "Denied by risk"),
    "trading-halted": (423, "Trading is halted"),
    "version-required": (428, "An If-Match header is required"),
    "too-many-requests": (429, "Too many requests"),
    "internal": (500, "Something went wrong on our side"),
    "busy": (503, "Somebody else holds the account"),
    "unavailable": (503, "A part of the desk does not answer"),
}
_OF_STATUS = {
    400: "malformed",
    401: "not-signed-in",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "conflict",
    415: "unsupported-media-type",
    429: "too-many-requests",
}


class Problem(exceptions.APIException):
    """A refusal that an edge raises: a kind of the table, a sentence, and what else belongs to it.

    `more` becomes members of the answer's body, for example `checks`.
    """

    wait: float | None = None  # seconds after which to ask again, told as Retry-After

    def __init__(self, kind: str, detail: str = "", **more: Any) -> None:
        self.kind, self.more = kind, more
        self.status_code, title = KINDS[kind]
        super().__init__(detail or f"{title}.")


def body(kind: str, detail: str = "", *, instance: str = "", **more: Any) -> dict[str, Any]:
    """Return a problem as sockets and REST send it."""
    status, title = KINDS[kind]
    return {
        "type": f"/problems/{kind}",
        "title": title,
        "status": status,
        "detail": detail or f"{title}.",
        "instance": instance,
        "request_id": tracing.current(),
        **more,
    }


def invalid(name: str, detail: str, *, place: str = "query", code: str = "invalid") -> Problem:
    """Return the refusal of one parameter of the query, or of one member of the body (`place="body"`)."""
    pointer = f"/{name}" if place == "body" else f"/{place}/{name}"
    return Problem("invalid", detail, errors=[{"pointer": pointer, "code": code, "detail": detail}])


def busy(detail: str) -> Problem:
    """Return that somebody else holds the account for a moment."""
    problem = Problem("busy", detail)
    problem.wait = ASK_AGAIN_AFTER_S
    return problem


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """Answer any exception of a view. What nobody expected is logged, and tells no internals."""
    request = context.get("request")
    path = request.path if request is not None else ""
    kind, detail, more = _meaning(error, path)
    status = KINDS[kind][0]
    return Response(
        body(kind, detail, instance=path, **more),
        status=status,
        headers=_headers(error),
        content_type=MEDIA_TYPE,
    )


def _meaning(error: Exception, path: str) -> tuple[str, str, dict[str, Any]]:
    if isinstance(error, Problem):
        return error.kind, str(error.detail), error.more
    if isinstance(error, exceptions.ValidationError):
        found = list(_faults(error.get_full_details(), ""))
        return "invalid", found[0]["detail"] if found else "", {"errors": found}
    if isinstance(error, exceptions.APIException):
        return _OF_STATUS.get(error.status_code, "internal"), str(error.detail), {}
    return *_unforeseen(error, path), {}


def _unforeseen(error: Exception, path: str) -> tuple[str, str]:
    if isinstance(error, Http404):
        return "not-found", ""
    if isinstance(error, DjangoPermissionDenied):
        return "forbidden", str(error)
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("%s: the database does not answer: %s", path, error)
        return "unavailable", "The database does not answer. Try again in a moment."
    logger.error("%s failed", path, exc_info=error)
    return "internal", ""


def _headers(error: Exception) -> dict[str, str]:
    headers = {}
    if isinstance(error, exceptions.APIException):
        challenge, wait = getattr(error, "auth_header", None), getattr(error, "wait", None)
        if challenge:
            headers["WWW-Authenticate"] = str(challenge)
        if wait:
            headers["Retry-After"] = f"{wait:.0f}"
    return headers


def _faults(details: Any, pointer: str) -> Iterator[dict[str, str]]:
    """Yield each fault of a nested validation error with a JSON pointer to what it is about."""
    if isinstance(details, Mapping) and set(details) == {"message", "code"}:
        yield {"pointer": pointer, "code": str(details["code"]), "detail": str(details["message"])}
    elif isinstance(details, Mapping):
        for name, inner in details.items():
            yield from _faults(inner, pointer if name == "non_field_errors" else f"{pointer}/{name}")
    elif isinstance(details, list):
        for inner in details:
            yield from _faults(inner, pointer)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere: a problem under /api/, a page elsewhere."""
    if not request.path.startswith(API):
        return defaults.page_not_found(request, exception)
    return _outside("not-found", request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what is refused before any view sees it, such as another desk's host name."""
    if not request.path.startswith(API):
        return defaults.bad_request(request, exception)
    return _outside("malformed", request)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer what failed outside of a view, which Django has logged."""
    if not request.path.startswith(API):
        return defaults.server_error(request)
    return _outside("internal", request)


def _outside(kind: str, request: HttpRequest) -> HttpResponse:
    """Return a problem where no view of the framework answers."""
    found = body(kind, instance=request.path)
    return JsonResponse(found, status=found["status"], content_type=MEDIA_TYPE)
