"""A file's own clock to UTC: a zone name, or NY+7, the clock that most MT5 servers keep."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from apps.marketdata.domain.bar import TimeArray
from apps.marketdata.errors import BadData

MT5_SERVER = "Europe/Athens"  # EET, EEST with European clock changes
_NEW_YORK = "America/New_York"


def check(zone: str) -> None:
    """Raise BadData where there is no such zone."""
    name, hours = _parts(zone)
    try:
        ZoneInfo(name)
        int(hours)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadData(f"{zone!r} is no time zone: give one like Europe/Athens, UTC or NY+7") from None


def to_utc(local: TimeArray, zone: str) -> TimeArray:
    """Convert wall times of a zone; a time that does not exist there or is ambiguous becomes NaT."""
    name, hours = _parts(zone)
    index = pd.DatetimeIndex(local - np.timedelta64(int(hours), "h"))
    utc = index.tz_localize(name, ambiguous="NaT", nonexistent="NaT").tz_convert("UTC").tz_localize(None)
    converted: TimeArray = utc.to_numpy().astype("datetime64[us]")
    return converted


def _parts(zone: str) -> tuple[str, str]:
    name, _, hours = zone.partition("+")
    return (_NEW_YORK, hours or "0") if name == "NY" else (zone, "0")
