"""Who opens a socket: the origin of the page, and the session behind its cookie."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, parse_cookie
from django.http.request import split_domain_port, validate_host

Headers = Iterable[tuple[bytes, bytes]]


def session_key(headers: Headers) -> str:
    """Return the session that the browser's cookie names, or nothing."""
    return str(parse_cookie(_header(headers, b"cookie")).get(settings.SESSION_COOKIE_NAME, ""))


def is_own_page(headers: Headers) -> bool:
    """Tell whether a page of this very host opens the socket: a browser sends its cookies for any page."""
    try:
        origin, host = urlsplit(_header(headers, b"origin")), _header(headers, b"host")
    except ValueError:  # brackets that hold no address
        return False
    name, _ = split_domain_port(host)
    return (
        origin.scheme in {"http", "https"}
        and bool(name)
        and origin.netloc.lower() == host.lower()
        and validate_host(name, settings.ALLOWED_HOSTS)
    )


def user_of(key: str) -> Any | None:
    """Return who is signed in with a session now; None where it has ended or the user may not enter.

    Reads the database each time: what a user may do is never remembered from before.
    """
    if not key:
        return None
    request = HttpRequest()
    request.session = SessionStore(key)
    user = auth.get_user(request)
    return user if user.is_authenticated else None


def _header(headers: Headers, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in headers if name == wanted), "")
