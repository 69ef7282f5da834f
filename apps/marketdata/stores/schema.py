"""QuestDB's tables and views of one world. Columns may be added later; anything else is a new table."""

from collections.abc import Iterator

from apps.marketdata.domain.bar import COLUMNS, Timeframe

_OHLC = ", ".join(f"{name} double" for name in COLUMNS)
_AGGREGATES = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
_DERIVED = ", ".join(f"{_AGGREGATES[name.rsplit('_', maxsplit=1)[-1]]}({name}) {name}" for name in COLUMNS)
_NEW_YORK = "align to calendar time zone 'America/New_York' with offset"
# (timeframe, what it is sampled from, alignment, partition)
_VIEWS = (
    (Timeframe.M5, Timeframe.M1, "", "month"),
    (Timeframe.M15, Timeframe.M5, "", "month"),
    (Timeframe.H1, Timeframe.M15, "", "year"),
    (Timeframe.H4, Timeframe.H1, f"{_NEW_YORK} '01:00'", "year"),
    (Timeframe.D1, Timeframe.H1, f"{_NEW_YORK} '17:00'", "year"),
)


def ticks(world: str) -> str:
    return f"{world}_ticks"


def bars(world: str, timeframe: Timeframe, *, native: bool) -> str:
    """Name the one table or view that a window reads."""
    return f"{world}_bars_native" if native else f"{world}_bars_{timeframe.value}"


def statements(world: str) -> Iterator[str]:
    """Yield what creates the world, in order; each is harmless when repeated."""
    # Simulated ticks carry no time to live: it would be measured against real time.
    ttl = "ttl 90 days" if world == "live" else ""
    yield (
        f"create table if not exists {ticks(world)} (ts timestamp, source symbol, "
        "instrument symbol capacity 1024, seq long, bid double, ask double, bid_size double, "
        f"ask_size double, received_at timestamp) timestamp(ts) partition by day {ttl} wal "
        "dedup upsert keys(ts, source, instrument, seq)"
    )
    yield (
        f"create table if not exists {world}_bars_1m (ts timestamp, source symbol, "
        f"instrument symbol capacity 1024, {_OHLC}, origin symbol) timestamp(ts) partition by month wal "
        "dedup upsert keys(ts, source, instrument)"
    )
    yield (
        f"create table if not exists {world}_bars_native (ts timestamp, source symbol, "
        f"instrument symbol capacity 1024, {_OHLC}, origin symbol, timeframe symbol) timestamp(ts) "
        "partition by year wal dedup upsert keys(ts, source, instrument, timeframe)"
    )
    for timeframe, base, alignment, partition in _VIEWS:
        source = bars(world, base, native=False)
        view = bars(world, timeframe, native=False)
        yield (  # all names are ours
            f"create materialized view if not exists {view} with base {source} "  # noqa: S608
            f"refresh immediate as (select ts, source, instrument, {_DERIVED} from {source} "
            f"sample by {timeframe.value} {alignment}) partition by {partition}"
        )


def views(world: str) -> tuple[str, ...]:
    return tuple(bars(world, timeframe, native=False) for timeframe, *_ in _VIEWS)
