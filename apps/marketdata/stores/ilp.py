"""Rows of bars and ticks as QuestDB's client takes them."""

from collections.abc import Iterator, Sequence

import numpy as np
from questdb import Sender, TimestampNanos

from apps.marketdata.domain.arrays import select, values_of
from apps.marketdata.domain.bar import COLUMNS, BarWindow, Timeframe
from apps.marketdata.domain.tick import Tick

_ROWS_A_FLUSH = 10_000


def grouped(windows: Sequence[BarWindow]) -> Iterator[list[BarWindow]]:
    """Cut long windows and gather short ones, so that a flush stays within its time."""
    group: list[BarWindow] = []
    rows = 0
    for window in windows:
        for start in range(0, len(window), _ROWS_A_FLUSH):
            part = select(window, slice(start, start + _ROWS_A_FLUSH))
            if rows + len(part) > _ROWS_A_FLUSH and group:
                yield group
                group, rows = [], 0
            group.append(part)
            rows += len(part)
    if group:
        yield group


def bar_rows(sender: Sender, table: str, windows: Sequence[BarWindow], source: str, origin: str) -> None:
    for window in windows:
        symbols: dict[str, str | None] = {
            "source": source,
            "instrument": window.instrument,
            "origin": origin,
        }
        if window.timeframe is not Timeframe.M1:
            symbols["timeframe"] = window.timeframe.value
        opens = window.open_at.astype("datetime64[us]").astype(np.int64).tolist()
        for open_us, row in zip(opens, values_of(window).T.tolist(), strict=True):
            sender.row(
                table,
                symbols=symbols,
                columns=dict(zip(COLUMNS, row, strict=True)),
                at=TimestampNanos(open_us * 1000),
            )


def tick_rows(sender: Sender, table: str, ticks: Sequence[Tick], source: str) -> None:
    for tick in ticks:
        sender.row(
            table,
            symbols={"source": source, "instrument": tick.instrument},
            columns={
                "seq": tick.seq,
                "bid": tick.bid,
                "ask": tick.ask,
                "received_at": tick.received_at,
            },
            at=tick.tick_at,
        )
