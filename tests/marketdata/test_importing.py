"""The user's own bars.

What is taken, what is refused in which words, and that nothing is left half-written.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from pytest_django import Settings

from apps.marketdata import history
from apps.marketdata.domain.arrays import select
from apps.marketdata.domain.bar import COLUMNS, SIDES, BarWindow, Timeframe
from apps.marketdata.errors import BadData
from apps.marketdata.importing import Prepared, prepare_replay
from apps.marketdata.models import DataSet
from tests.marketdata.samples import MONDAY, bars

HOURS = bars(1000, timeframe=Timeframe.H1)
START = MONDAY + timedelta(hours=800)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def prepare(run: str, settings: Settings, tmp_path: Path, lines: list[str]) -> Callable[..., Prepared]:
    settings.MTQ_REPLAY_DIR = tmp_path / "var" / "replay"

    def prepared(*folders: Path, from_at: datetime | None = START, zone: str = "Europe/Athens") -> Prepared:
        return prepare_replay(folders=folders, from_at=from_at, report=lines.append, zone=zone)

    return prepared


def write(
    folder: Path, window: BarWindow = HOURS, *, name: str = "EURUSD", columns: tuple[str, ...] = COLUMNS
) -> Path:
    folder.mkdir(exist_ok=True)
    times = pa.array(window.open_at.astype(np.int64), pa.timestamp("us", tz="UTC"))
    table = {column: pa.array(getattr(window, column)) for column in columns}
    pq.write_table(pa.table({"time": times} | table), folder / f"{name}.parquet")
    return folder


def test_history_goes_to_the_store_and_the_rest_to_the_venue_alone(
    prepare: Callable[..., Prepared], settings: Settings, tmp_path: Path
) -> None:
    prepare(write(tmp_path / "data"))
    read = history.window("EURUSD", Timeframe.H1, until=START + timedelta(days=30), count=2000)
    assert read.last_close_at == START
    replayed = pq.read_table(settings.MTQ_REPLAY_DIR / "EURUSD.parquet")
    assert replayed.column_names == ["time", *COLUMNS]
    assert replayed.column("time")[0].as_py() == START
    assert len(read) + replayed.num_rows == 1000


def test_the_manifest_says_what_the_venue_needs(
    prepare: Callable[..., Prepared], settings: Settings, tmp_path: Path
) -> None:
    prepare(write(tmp_path / "data"))
    manifest = json.loads((settings.MTQ_REPLAY_DIR / "manifest.json").read_text())
    assert manifest["kind"] == "replay"
    assert manifest["start_at"] == "2024-04-06T08:00:00Z"
    assert manifest["timeframe_minutes"] == 60
    assert manifest["instruments"][0]["spread"] == "recorded"
    assert DataSet.objects.get().bars == 1000


def test_bids_alone_get_an_ask_that_is_labelled_as_assumed(
    prepare: Callable[..., Prepared], settings: Settings, tmp_path: Path, lines: list[str]
) -> None:
    prepare(write(tmp_path / "data", columns=SIDES[:4]))
    replayed = pq.read_table(settings.MTQ_REPLAY_DIR / "EURUSD.parquet").to_pydict()
    assert replayed["ask_high"][5] == pytest.approx(replayed["bid_high"][5] + 0.00013)
    assert any("assumed" in line and "0.00013" in line for line in lines)


def test_an_instrument_found_twice_comes_from_the_first_folder(
    prepare: Callable[..., Prepared], tmp_path: Path, lines: list[str]
) -> None:
    first, second = write(tmp_path / "a"), write(tmp_path / "b", bars(900, timeframe=Timeframe.H1, seed=1))
    prepare(first, second)
    assert DataSet.objects.get().bars == 1000
    assert any("comes first" in line and str(second) in line for line in lines)


def test_without_a_start_the_last_fifth_is_replayed(
    prepare: Callable[..., Prepared], tmp_path: Path, lines: list[str]
) -> None:
    prepared = prepare(write(tmp_path / "data"), from_at=None)
    assert prepared.start_at == datetime(2024, 4, 1, tzinfo=UTC)
    assert any("2024-04-01" in line for line in lines)


def test_repeating_it_changes_nothing(prepare: Callable[..., Prepared], tmp_path: Path) -> None:
    folder = write(tmp_path / "data")
    assert prepare(folder) == prepare(folder)
    assert len(history.window("EURUSD", Timeframe.H1, until=START, count=2000)) == 800


def test_an_earlier_start_in_the_same_run_is_refused(
    prepare: Callable[..., Prepared], tmp_path: Path
) -> None:
    folder = write(tmp_path / "data")
    prepare(folder)
    with pytest.raises(BadData, match="reset"):
        prepare(folder, from_at=START - timedelta(days=7))


def test_gaps_are_told_and_taken(prepare: Callable[..., Prepared], tmp_path: Path, lines: list[str]) -> None:
    keep = np.ones(1000, dtype=bool)
    keep[30:33] = False
    prepare(write(tmp_path / "data", select(HOURS, keep)))
    assert any("1 gaps inside sessions" in line for line in lines)


def spoiled(row: int, **changes: float) -> BarWindow:
    window = select(HOURS, np.arange(1000))
    for name, value in changes.items():
        getattr(window, name)[row] = value
    return window


def moved(row: int, onto: int) -> BarWindow:
    window = select(HOURS, np.arange(1000))
    window.open_at[row] = window.open_at[onto]
    return window


@pytest.mark.parametrize(
    ("window", "line"),
    [
        (spoiled(4, bid_close=np.nan), r"EURUSD.parquet, row 5: NaN"),
        (spoiled(4, ask_low=-1.0), r"EURUSD.parquet, row 5: zero or negative"),
        (spoiled(4, bid_high=0.5), r"EURUSD.parquet, row 5: high or low"),
        (moved(9, 8), r"EURUSD.parquet, row 10: same time"),
        (moved(9, 3), r"EURUSD.parquet, row 10: earlier than"),
        (select(HOURS, slice(0, 1)), "fewer than two bars"),
        (select(HOURS, slice(0, 0)), "fewer than two bars"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(
    prepare: Callable[..., Prepared], settings: Settings, tmp_path: Path, window: BarWindow, line: str
) -> None:
    with pytest.raises(BadData, match=line):
        prepare(write(tmp_path / "data", window))
    assert not settings.MTQ_REPLAY_DIR.exists()
    assert history.closed_through(Timeframe.H1) == {}


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("EURUSD.csv", b"a;b;c\n1;2;3\n", "unknown format"),
        ("EURUSD.parquet", b"PAR1 cut off", "not readable as Parquet"),
        ("EURUSD.csv", b"\x00\xff\x10" * 30, "unknown format"),
        ("README.md", b"no bars", "no data files"),
    ],
)
def test_a_file_that_is_no_bars_is_refused(
    prepare: Callable[..., Prepared], tmp_path: Path, name: str, content: bytes, line: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / name).write_bytes(content)
    with pytest.raises(BadData, match=line):
        prepare(tmp_path / "data")


def test_trades_are_refused_with_what_to_do(prepare: Callable[..., Prepared], tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    times = pa.array(HOURS.open_at.astype(np.int64), pa.timestamp("us", tz="UTC"))
    columns = {name: pa.array(HOURS.bid_open) for name in ("open", "high", "low", "close", "volume")}
    pq.write_table(pa.table({"time": times} | columns), folder / "SPY.parquet")
    with pytest.raises(BadData, match="trades"):
        prepare(folder)


def test_timeframes_must_agree(prepare: Callable[..., Prepared], tmp_path: Path) -> None:
    write(tmp_path / "data")
    write(tmp_path / "data", bars(100), name="XAUUSD")
    with pytest.raises(BadData, match=r"bars of 1m.*of 1h"):
        prepare(tmp_path / "data")


def test_a_start_outside_the_data_is_refused(prepare: Callable[..., Prepared], tmp_path: Path) -> None:
    with pytest.raises(BadData, match="the data span 2024-03-04"):
        prepare(write(tmp_path / "data"), from_at=datetime(2030, 1, 1, tzinfo=UTC))


def mt5_export(window: BarWindow, *, zone_hours: int) -> str:
    lines = ["<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>"]
    for row, opened in enumerate(window.open_at):
        local = (opened + np.timedelta64(zone_hours, "h")).item()
        prices = "\t".join(f"{getattr(window, name)[row]:.5f}" for name in SIDES[:4])
        lines.append(f"{local:%Y.%m.%d}\t{local:%H:%M:%S}\t{prices}\t7\t0\t20")
    return "\r\n".join(lines) + "\r\n"


def week_hours() -> BarWindow:
    """Two weeks of hours that end on Fridays at 22:00 UTC, 17:00 New York in winter."""
    first = datetime(2024, 1, 7, 22, tzinfo=UTC)
    weeks = bars(24 * 14, first=first, timeframe=Timeframe.H1)
    return select(weeks, np.arange(24 * 14) % 168 < 120)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_mt5_export_is_read_in_server_time(
    prepare: Callable[..., Prepared], tmp_path: Path, lines: list[str], encoding: str
) -> None:
    (tmp_path / "data").mkdir()
    text = mt5_export(week_hours(), zone_hours=2)
    (tmp_path / "data" / "EURUSD_H1_202401072200.csv").write_bytes(text.encode(encoding))
    prepare(tmp_path / "data", from_at=datetime(2024, 1, 15, tzinfo=UTC))
    read = history.window("EURUSD", Timeframe.H1, until=datetime(2024, 1, 15, tzinfo=UTC), count=500)
    assert read.open_at[0] == np.datetime64("2024-01-07T22:00")
    assert read.ask_close[0] - read.bid_close[0] == pytest.approx(0.0002)
    assert any("taken as Europe/Athens" in line for line in lines)


def test_a_clock_that_contradicts_the_weekly_close_is_refused(
    prepare: Callable[..., Prepared], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "EURUSD.csv").write_text(mt5_export(week_hours(), zone_hours=2))
    with pytest.raises(BadData, match="give the zone"):
        prepare(tmp_path / "data", zone="Asia/Tokyo")


def test_the_command_says_one_line_and_exits_with_3(
    run: str, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MTQ_REPLAY_DIR = tmp_path / "var" / "replay"
    with pytest.raises(SystemExit) as stopped:
        call_command("replay_prepare", "--data", str(write(tmp_path / "data", moved(9, 3))))
    assert stopped.value.code == 3
    assert capsys.readouterr().err.count("\n") == 1
