"""A write that may be sent twice is carried out once: the same key gets the first answer again.

Keys live in Valkey for a day. A claim is made before the work begins, in one atomic step, and lapses after a
minute: where a process died in between, the work itself must know its intent again (an order does, by the
signal key that is made of this key).
"""

import hashlib
import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from apps.edges import problems
from apps.edges.problems import Problem

logger = logging.getLogger(__name__)

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT_S = 24 * 3600
CLAIM_S = 60
SETTLING = {422, 423}  # denied, and kept as a row
_SANE = re.compile(r"[!-~]{8,128}")
_RUNNING = "running"

Handler = Callable[..., Response]


def key_of(request: Request) -> str:
    """Return the request's key. Raise a 400 problem where it is missing or not 8 to 128 visible letters."""
    key = request.headers.get(HEADER, "")
    if not key:
        raise Problem("idempotency-key-missing", f"Send a new {HEADER} for every new intent.")
    if not _SANE.fullmatch(key):
        raise problems.invalid(HEADER, f"{HEADER} is 8 to 128 visible ASCII characters.", place="header")
    return key


def once(handler: Handler) -> Handler:
    """Decorate a view's `post`: same key and body, same answer; another body 422; still running 409.

    Answers that settle the intent are kept: it was done, or denied. After a failure, and after a refusal that
    may be over a moment later, the key is free again. Where keys cannot be kept the work goes
    on without them, since a way out must not wait for Valkey: the work must know its intent again by itself.
    """

    @wraps(handler)
    def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        place = f"idempotency:{request.user.pk}:{_digest(key_of(request).encode())}"
        fingerprint = _fingerprint(request)
        try:
            kept = _claim(place, fingerprint)
        except RedisError as error:
            logger.warning("keys cannot be kept: %s", error)
            return handler(view, request, *args, **kwargs)
        if kept is not None:
            return _again(kept, fingerprint)
        return _carry_out(handler, view, request, place, fingerprint, args, kwargs)

    return answer


def _claim(place: str, fingerprint: str) -> dict[str, Any] | None:
    """Return None where the key is ours from now on, else what is kept under it."""
    claim = {"state": _RUNNING, "fingerprint": fingerprint}
    while not cache.add(place, claim, CLAIM_S):
        kept: dict[str, Any] | None = cache.get(place)
        if kept is not None:  # else it lapsed between the two questions
            return kept
    return None


def _again(kept: dict[str, Any], fingerprint: str) -> Response:
    if kept["fingerprint"] != fingerprint:
        raise Problem("idempotency-key-reused")
    if kept["state"] == _RUNNING:
        raise Problem("still-running")
    return Response(
        orjson.loads(kept["body"]),
        status=kept["status"],
        headers=kept["headers"] | {REPLAYED: "true"},
        content_type=kept["content_type"],
    )


def _carry_out(
    handler: Handler,
    view: Any,
    request: Request,
    place: str,
    fingerprint: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Response:
    try:
        response = handler(view, request, *args, **kwargs)
    except APIException as refusal:
        response = problems.handle(refusal, {"request": request})
    except BaseException:
        _put(place, None)
        raise
    settled = response.status_code < 400 or response.status_code in SETTLING
    _put(place, _kept(fingerprint, response) if settled else None)
    return response


def _put(place: str, kept: dict[str, Any] | None) -> None:
    """Keep an answer, or free the key. The work is done: that it cannot be kept is no failure of it."""
    try:
        if kept is None:
            cache.delete(place)
        else:
            cache.set(place, kept, KEPT_S)
    except RedisError as error:
        logger.warning("the answer of a key cannot be kept: %s", error)


def _kept(fingerprint: str, response: Response) -> dict[str, Any]:
    return {
        "state": "done",
        "fingerprint": fingerprint,
        "status": response.status_code,
        "body": orjson.dumps(response.data),
        "content_type": response.content_type,
        "headers": {name: value for name, value in response.items() if name == "Location"},
    }


def _fingerprint(request: Request) -> str:
    wanted = [request.method, request.path, request.data]
    return _digest(orjson.dumps(wanted, option=orjson.OPT_SORT_KEYS))


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
