"""QuestDB: writes over ILP/HTTP with our own bounded resend, reads over the PostgreSQL wire.

An acknowledged write is not visible yet: every append ends with `wait_wal_table`. After a failed flush the
client's buffer is empty, so each attempt writes the rows again; the tables' keys make a repeated row
replace itself.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
from questdb import QuestDBError, Sender

from apps.marketdata.domain.arrays import window_from_rows
from apps.marketdata.domain.bar import COLUMNS, BarWindow, TimeArray, Timeframe
from apps.marketdata.domain.tick import Tick
from apps.marketdata.errors import StoreUnavailable
from apps.marketdata.stores import ilp, schema
from apps.marketdata.stores.base import Series

_OPTIONS = "auto_flush=off;retry_timeout=0;request_timeout=2000;"
_RESEND_AFTER_S = (0.05, 0.3)
_CONNECT_TIMEOUT_S = 3


class QuestDBStore:
    """One world in one server. Connections are opened when first needed, and again after a failure."""

    def __init__(self, *, conf: str, pg_url: str, world: str) -> None:
        self._conf = conf if conf.endswith(";") else f"{conf};"
        self._pg_url = pg_url
        self._world = world
        self._lock = threading.RLock()
        self._sender: Sender | None = None
        self._connection: psycopg.Connection[Any] | None = None

    def ensure_schema(self) -> None:
        for statement in schema.statements(self._world):
            self._execute(statement)

    def append_bars(self, windows: Sequence[BarWindow], *, source: str, origin: str) -> None:
        base = [window for window in windows if window.timeframe is Timeframe.M1]
        native = [window for window in windows if window.timeframe is not Timeframe.M1]
        for table_windows, is_native in ((base, False), (native, True)):
            if table_windows:
                table = schema.bars(self._world, Timeframe.M1, native=is_native)
                self._append_to(table, table_windows, source=source, origin=origin)

    def _append_to(self, table: str, windows: Sequence[BarWindow], *, source: str, origin: str) -> None:
        for group in ilp.grouped(windows):
            self._write(lambda sender, group=group: ilp.bar_rows(sender, table, group, source, origin))  # type: ignore[misc]
        self._wait_visible(table)

    def append_ticks(self, ticks: Sequence[Tick], *, source: str) -> None:
        if ticks:
            table = schema.ticks(self._world)
            self._write(lambda sender: ilp.tick_rows(sender, table, ticks, source))
            self._wait_visible(table)

    def window(self, series: Series, *, before: datetime, count: int) -> BarWindow:
        where, values = self._where(series)
        rows = self._query(
            f"select ts, {', '.join(COLUMNS)} from {self._table(series)} "  # noqa: S608 -- names from the schema
            f"where {where} and ts < %s order by ts desc limit {int(count)}",
            (*values, _naive(before)),
        )
        return window_from_rows(series.instrument, series.timeframe, rows[::-1])

    def range(self, series: Series, *, first: datetime, last: datetime) -> BarWindow:
        rows = self._between(series, ", ".join(("ts", *COLUMNS)), first, last)
        return window_from_rows(series.instrument, series.timeframe, rows)

    def opens(self, series: Series, *, first: datetime, last: datetime) -> TimeArray:
        return np.array([row[0] for row in self._between(series, "ts", first, last)], dtype="datetime64[us]")

    def derived_through(self) -> bool:
        # From the base upwards, each in a query of its own: one query over all reads them at different
        # moments, and a view that is asked before its base was refreshed looks finished.
        return all(self._caught_up(view) for view in schema.views(self._world))

    def _caught_up(self, view: str) -> bool:
        statement = "select view_status, refresh_base_table_txn, base_table_txn from materialized_views()"
        rows = self._query(f"{statement} where view_name = %s", (view,))
        if not rows or rows[0][0] != "valid" or rows[0][1] != rows[0][2]:
            return False
        self._wait_visible(view)
        return True

    def ticks(self, *, source: str, instrument: str, first: datetime, last: datetime) -> list[Tick]:
        rows = self._query(
            f"select ts, seq, bid, ask, received_at from {schema.ticks(self._world)} "  # noqa: S608
            "where source = %s and instrument = %s and ts >= %s and ts < %s order by ts, seq",
            (source, instrument, _naive(first), _naive(last)),
        )
        return [
            Tick(
                instrument=instrument,
                tick_at=row[0].replace(tzinfo=UTC),
                seq=row[1],
                bid=row[2],
                ask=row[3],
                received_at=row[4].replace(tzinfo=UTC),
            )
            for row in rows
        ]

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _table(self, series: Series) -> str:
        return schema.bars(self._world, series.timeframe, native=series.native)

    def _where(self, series: Series) -> tuple[str, tuple[str, ...]]:
        if series.native:
            return (
                "source = %s and instrument = %s and timeframe = %s",
                (series.source, series.instrument, series.timeframe.value),
            )
        return "source = %s and instrument = %s", (series.source, series.instrument)

    def _between(
        self, series: Series, columns: str, first: datetime, last: datetime
    ) -> list[tuple[Any, ...]]:
        where, values = self._where(series)
        return self._query(
            f"select {columns} from {self._table(series)} "  # noqa: S608 -- names from the schema
            f"where {where} and ts >= %s and ts < %s order by ts",
            (*values, _naive(first), _naive(last)),
        )

    def _write(self, fill: Callable[[Sender], None]) -> None:
        """Fill and flush; a failure is tried again from the rows, then raises StoreUnavailable."""
        with self._lock:
            for pause_s in (*_RESEND_AFTER_S, None):
                try:
                    if self._sender is None:
                        self._sender = Sender.from_conf(self._conf + _OPTIONS)
                        self._sender.establish()  # type: ignore[no-untyped-call]
                    fill(self._sender)
                    self._sender.flush()
                except QuestDBError as error:
                    self._drop_sender()
                    if pause_s is None:
                        raise StoreUnavailable(f"QuestDB took no rows: {error}") from error
                    time.sleep(pause_s)
                else:
                    return

    def _wait_visible(self, table: str) -> None:
        self._query(f"select wait_wal_table('{table}')", ())

    def _execute(self, statement: str) -> None:
        with self._lock:
            self._run(statement, (), fetch=False)

    def _query(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._run(statement, values, fetch=True)

    def _run(self, statement: str, values: tuple[Any, ...], *, fetch: bool) -> list[tuple[Any, ...]]:
        """Run on the kept connection; one that was lost meanwhile is replaced once.

        All statements may repeat.
        """
        for last_try in (False, True):
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = psycopg.connect(
                        self._pg_url, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_S
                    )
                with self._connection.cursor(binary=True) as cursor:
                    cursor.execute(statement, values)
                    return cursor.fetchall() if fetch else []
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                self._drop_connection()
                if last_try:
                    raise StoreUnavailable(f"QuestDB does not answer: {error}") from error
            except psycopg.Error as error:
                raise StoreUnavailable(f"QuestDB refused a statement: {error}") from error
        raise AssertionError("unreachable: the last try returns or raises")

    def _drop(self) -> None:
        self._drop_sender()
        self._drop_connection()

    def _drop_sender(self) -> None:
        if self._sender is not None:
            with suppress(QuestDBError):
                self._sender.close(flush=False)
            self._sender = None

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _naive(at: datetime) -> datetime:
    """QuestDB's timestamp has no zone and is UTC."""
    return at.astimezone(UTC).replace(tzinfo=None)
