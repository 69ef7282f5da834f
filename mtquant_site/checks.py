"""Refuses to start on a mix of settings that could lose money, each with an id to look up."""

import math
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 (Django's own name)

from apps.marketdata.domain import maintenance

WORLDS = ("sim", "live")
LONG_ENOUGH = 32


@register(Tags.security)
def refuse_dangerous_mixes(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    del app_configs
    found: list[CheckMessage] = []
    if settings.MTQ_WORLD not in WORLDS:
        found.append(Error(f"MTQ_WORLD is {settings.MTQ_WORLD!r}: it is sim or live.", id="mtquant.E001"))
    if settings.MTQ_WORLD == "live":
        found += _live_mixes()
    if settings.MTQ_SPEED <= 0:
        found.append(Error("MTQ_SPEED must be above zero.", id="mtquant.E005"))
    found += _market_mixes()
    if not settings.QUESTDB_CONF:
        found.append(Warning("QUESTDB_CONF is empty: bars and ticks have no store.", id="mtquant.W001"))
    return found


def _market_mixes() -> list[CheckMessage]:
    """Refuse what would let everybody enter an unsteady market, or nobody enter any."""
    found: list[CheckMessage] = [
        Error(f"{name} must be a number above zero.", id="mtquant.E006")
        for name in ("MTQ_QUOTE_JUMP_BAND", "MTQ_QUOTE_SETTLES_S", "MTQ_QUOTE_SPREAD_TIMES")
        if not 0 < getattr(settings, name) < math.inf
    ]
    try:
        maintenance.parse(settings.MTQ_MAINTENANCE)
    except ValueError as error:
        found.append(Error(f"MTQ_MAINTENANCE cannot be read: {error}.", id="mtquant.E007"))
    return found


def _live_mixes() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(
            Error("A live world must not run with DEBUG: its pages show settings.", id="mtquant.E002")
        )
    if settings.MTQ_SPEED != 1:
        found.append(Error("A live world runs at speed 1: real venues know no other.", id="mtquant.E003"))
    if len(settings.SECRET_KEY) < LONG_ENOUGH:
        found.append(
            Error(
                f"A live world needs MTQ_SECRET_KEY of at least {LONG_ENOUGH} characters.", id="mtquant.E004"
            )
        )
    return found
