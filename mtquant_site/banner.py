"""Which world this is, and what time its market has: shown on every page of the staff's site."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from apps.marketdata import clock
from apps.marketdata.errors import MarketDataError

MARKETS = {"synthetic": "Synthetic market", "replay": "Replay"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """`desk_at` is desk time. `assumed` names instruments whose spread was not recorded."""

    environment: str
    market: str
    desk_at: datetime
    speed: float
    ended: bool
    run: str
    assumed: tuple[str, ...]

    @property
    def desk_ms(self) -> int:
        return int(self.desk_at.timestamp() * 1000)

    @property
    def pace(self) -> str:
        return f"×{self.speed:g}"


def banner() -> Banner:
    """Read the clock and the replay's manifest; a broken clock file is named, not hidden."""
    environment = "LIVE" if settings.MTQ_WORLD == "live" else "PAPER"
    try:
        anchor, now, speed = clock.anchor(), clock.desk_now(), clock.speed()
    except MarketDataError:
        return Banner(
            environment=environment, market="Clock unreadable", desk_at=timezone.now(), speed=1.0,
            ended=False, run=settings.MTQ_RUN, assumed=(),
        )  # fmt: skip
    market = MARKETS.get(anchor.market, anchor.market) if anchor else "No market clock yet"
    if anchor is None and environment == "LIVE":
        market = "Real time"
    return Banner(
        environment=environment,
        market=market,
        desk_at=now,
        speed=speed,
        ended=bool(anchor and anchor.ended),
        run=settings.MTQ_RUN,
        assumed=_assumed_spreads() if anchor and anchor.market == "replay" else (),
    )


def _assumed_spreads() -> tuple[str, ...]:
    try:
        manifest = json.loads((settings.MTQ_REPLAY_DIR / "manifest.json").read_text())
    except (OSError, ValueError):
        return ()
    return tuple(
        entry["name"]
        for entry in manifest.get("instruments", [])
        if str(entry.get("spread", "")) != "recorded"
    )
