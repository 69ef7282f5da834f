"""A name for every request, in its answer, in problems and in each line of the log it caused."""

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_current: ContextVar[str] = ContextVar("mtq_request_id", default="")


def current() -> str:
    """Return the id of the request that is being answered, or an empty text outside of one."""
    return _current.get()


def named(offered: str | None) -> str:
    """Return the id that a caller offered where it is a sane one, else a new one."""
    return offered if offered and _SANE.fullmatch(offered) else secrets.token_hex(8)


@sync_and_async_middleware
def request_ids(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Give the request an id, and the answer the same one in `X-Request-ID`."""
    if iscoroutinefunction(get_response):
        return _awaited(get_response)

    def answer(request: HttpRequest) -> HttpResponseBase:
        ident = named(request.headers.get(HEADER))
        token = _current.set(ident)
        try:
            response: HttpResponseBase = get_response(request)
        finally:
            _current.reset(token)
        response[HEADER] = ident
        return response

    return answer


def _awaited(
    get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]],
) -> Callable[[HttpRequest], Awaitable[HttpResponseBase]]:
    async def answer(request: HttpRequest) -> HttpResponseBase:
        ident = named(request.headers.get(HEADER))
        token = _current.set(ident)
        try:
            response = await get_response(request)
        finally:
            _current.reset(token)
        response[HEADER] = ident
        return response

    return answer


class NameRequest(logging.Filter):
    """Puts ` [id]` of the request, or nothing, into each record as `request`."""

    def filter(self, record: logging.LogRecord) -> bool:
        ident = current()
        record.request_tag = f" [{ident}]" if ident else ""
        return True
