"""The server's wall clock, which MT5 writes as if it were UTC, and how to read it as UTC."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HALF_HOUR_S = 1800
NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerClock:
    """Wall time = time in `zone` + `ahead`. "NY+7" keeps the daily bar's close at 17:00 New York."""

    zone: ZoneInfo | None = None
    ahead: timedelta = timedelta()

    def to_utc(self, wall: datetime) -> datetime:
        """Read a server time (its time zone, if any, is ignored as MT5's are wrong)."""
        plain = wall.replace(tzinfo=None) - self.ahead
        return plain.replace(tzinfo=self.zone or UTC).astimezone(UTC)

    def to_wall(self, at: datetime) -> datetime:
        """Return the server's wall clock at an instant, marked as UTC as the server does."""
        return at.astimezone(self.zone or UTC).replace(tzinfo=UTC) + self.ahead

    @classmethod
    def named(cls, name: str) -> Self:
        """Read "NY+7", "UTC+2", "UTC" or a zone name. Raise ValueError for anything else."""
        zone, plus, hours = name.partition("+")
        try:
            info = {"NY": NEW_YORK, "UTC": None}[zone] if zone in {"NY", "UTC"} else ZoneInfo(zone)
            return cls(zone=info, ahead=timedelta(hours=float(hours)) if plus else timedelta())
        except (ValueError, ZoneInfoNotFoundError) as error:
            raise ValueError(f"no server time zone is called {name!r}") from error

    @classmethod
    def found(cls, walls: Iterable[datetime], *, now: datetime, tolerance: timedelta) -> Self | None:
        """Find the clock from the times of ticks. None unless one of them is live.

        A tick is live when its time is a whole number of half hours away from now, up to `tolerance`.
        An offset that "NY+7" explains is taken as that, since most servers keep it through clock changes.
        """
        for wall in walls:
            away = (wall.replace(tzinfo=UTC) - now).total_seconds()
            ahead = timedelta(seconds=round(away / HALF_HOUR_S) * HALF_HOUR_S)
            if abs(away - ahead.total_seconds()) > tolerance.total_seconds() or abs(ahead) > timedelta(
                hours=14
            ):
                continue
            usual = cls(zone=NEW_YORK, ahead=timedelta(hours=7))
            return usual if usual.to_wall(now) == now.astimezone(UTC) + ahead else cls(ahead=ahead)
        return None
