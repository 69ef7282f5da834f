"""Which parser a file belongs to, by its first bytes."""

from pathlib import Path

from apps.marketdata.errors import BadData
from apps.marketdata.feeds.base import BarFeed
from apps.marketdata.feeds.mt5_csv import Mt5BarsFeed
from apps.marketdata.feeds.parquet import ParquetFeed

FEEDS: tuple[BarFeed, ...] = (ParquetFeed(), Mt5BarsFeed())
SUFFIXES = (".parquet", ".csv", ".txt")
_HEAD = 4096


def feed_for(path: Path) -> BarFeed:
    """Return the parser. Raise BadData for a format that none knows."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise BadData(f"{path}: not readable ({error.strerror})") from error
    for feed in FEEDS:
        if feed.recognises(path, head):
            return feed
    raise BadData(
        f"{path}: unknown format: give Parquet bars or an MT5 bar export "
        "(tabs, header <DATE> <TIME> <OPEN> ...)"
    )
