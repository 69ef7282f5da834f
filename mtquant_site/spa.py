"""Serves the web app: one index.html for all its routes, and assets that may appear while the desk runs."""

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe
from whitenoise.base import WhiteNoise
from whitenoise.middleware import WhiteNoiseMiddleware

from deploy.desk import states

ASSETS_AT = "/static/app/"
BUILDER = "frontend"  # the supervisor's name for the step that builds the app
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """How far the app is while there is none: `trouble` is why the last try failed."""

    note: str
    trouble: str


@require_safe
def home(_request: HttpRequest) -> HttpResponse:
    """Lead to the app, or to the admin while there is no app."""
    return redirect("/trade" if _index().exists() else "admin:index")


@require_safe
def page(request: HttpRequest) -> HttpResponseBase:
    """Answer any route of the app; it reads the address itself. Until it is built, say how far that is."""
    try:
        html = _index().read_text()
    except FileNotFoundError:
        return _not_built(request)
    etag = quote_etag(hashlib.sha256(html.encode()).hexdigest()[:32])
    unchanged = get_conditional_response(request, etag=etag)
    answer = unchanged if isinstance(unchanged, HttpResponseNotModified) else HttpResponse(html)
    answer["ETag"] = etag
    answer["Cache-Control"] = "no-cache"
    return _protected(answer, policy(request.get_host(), html))


@require_safe
def asset(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer an asset that was not there when this process began; WhiteNoise has listed the others."""
    del name  # WhiteNoise reads the whole path
    found = _files().find_file(request.path_info)
    if found is None:
        raise Http404
    answer: HttpResponseBase = WhiteNoiseMiddleware.serve(found, request)
    return answer


def policy(host: str, html: str) -> str:
    """Give the Content-Security-Policy of an index.html: itself only, and the scripts written into it.

    The theme writes styles into the page as it runs, so these stay allowed.
    """
    scripts = ["'self'", *(f"'sha256-{_digest(script)}'" for script in INLINE_SCRIPT.findall(html))]
    parts = {
        "default-src": "'self'",
        "script-src": " ".join(scripts),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' ws://{host} wss://{host}",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in parts.items())


def _not_built(request: HttpRequest) -> HttpResponse:
    """Show how the build goes, on a page that asks again by itself."""
    answer = render(request, "mtquant/building.html", {"building": _building()}, status=503)
    answer["Retry-After"] = "3"
    answer["Cache-Control"] = "no-store"
    return _protected(answer, policy(request.get_host(), ""))


def _building() -> Building | None:
    """Read what the supervisor says of the build; None where no supervisor builds here."""
    found = (state for state in states.read_all(settings.MTQ_VAR / "run") if state.name == BUILDER)
    state = next(found, None)
    return None if state is None else Building(note=state.note, trouble=state.trouble)


def _protected(answer: HttpResponse, csp: str) -> HttpResponse:
    answer["Content-Security-Policy"] = csp
    answer["X-Frame-Options"] = "DENY"
    return answer


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _index() -> Path:
    return Path(settings.MTQ_APP_DIR) / "index.html"


def _files() -> WhiteNoise:
    """Look at the disk at every request: what is asked for here has only just been built."""
    files = WhiteNoise(
        None,
        autorefresh=True,
        allow_all_origins=False,
        immutable_file_test=settings.WHITENOISE_IMMUTABLE_FILE_TEST,
    )
    files.add_files(str(settings.MTQ_APP_DIR), prefix=ASSETS_AT)
    return files
