"""Rows of market data: what is traded, how far it is known, and what was wrong.

Bars and ticks live in QuestDB.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.db import connection, models

from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.sessions import SessionRule


def _amount(**rest: Any) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(max_digits=24, decimal_places=10, **rest)


class Instrument(models.Model):
    """One tradable instrument as the venue's own record describes it; quantities are lots."""

    name = models.CharField(max_length=32, unique=True)
    base_currency = models.CharField(max_length=8)
    quote_currency = models.CharField(max_length=8)
    contract_size = _amount()
    tick_size = _amount()
    lot_step = _amount()
    lot_min = _amount()
    lot_max = _amount()
    margin_rate = models.DecimalField(max_digits=36, decimal_places=30)
    allows_negative_price = models.BooleanField(default=False)
    session_rule = models.CharField(
        max_length=16,
        choices=[(rule.value, rule.value) for rule in SessionRule],
        default=SessionRule.FX.value,
    )
    source = models.CharField(max_length=64, help_text="The run or venue whose record this is.")
    venue_symbol = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="instrument_sizes_positive",
                condition=models.Q(contract_size__gt=0, tick_size__gt=0, lot_step__gt=0, lot_min__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def spec(self) -> InstrumentSpec:
        return InstrumentSpec(
            name=self.name,
            base_currency=self.base_currency,
            quote_currency=self.quote_currency,
            contract_size=self.contract_size.normalize(),
            tick_size=self.tick_size.normalize(),
            lot_step=self.lot_step.normalize(),
            lot_min=self.lot_min.normalize(),
            lot_max=self.lot_max.normalize(),
            margin_rate=self.margin_rate.normalize(),
            allows_negative_price=self.allows_negative_price,
        )


class FeedRun(models.Model):
    """How far the bars of one series are closed and visible. It only moves forward."""

    source = models.CharField(max_length=64)
    instrument = models.CharField(max_length=32)
    timeframe = models.CharField(max_length=8, choices=[(item.value, item.value) for item in Timeframe])
    native = models.BooleanField(
        help_text="Bars of this timeframe were written as such, not derived from 1m."
    )
    closed_through = models.DateTimeField(help_text="Desk time.")
    announced_at = models.DateTimeField(help_text="Wall time of the last move.")

    class Meta:
        ordering: ClassVar = ["source", "instrument", "timeframe"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="feedrun_series", fields=["source", "instrument", "timeframe"]),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} {self.timeframe} through {self.closed_through:%Y-%m-%d %H:%M}"

    @classmethod
    def advance(cls, rows: Iterable[tuple[str, str, str, bool, datetime]], *, announced_at: datetime) -> None:
        """Move forward (source, instrument, timeframe, native, closed_through).

        An older one changes nothing.
        """
        columns = list(zip(*rows, strict=True))
        if not columns:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into marketdata_feedrun"
                " (source, instrument, timeframe, native, closed_through, announced_at)"
                " select s, i, t, n, c, %s from unnest"
                "(%s::text[], %s::text[], %s::text[], %s::bool[], %s::timestamptz[]) as new (s, i, t, n, c)"
                " on conflict (source, instrument, timeframe) do update set"
                " closed_through = excluded.closed_through, announced_at = excluded.announced_at,"
                " native = excluded.native"
                " where marketdata_feedrun.closed_through < excluded.closed_through",
                [announced_at, *(list(column) for column in columns)],
            )


class KnownGap(models.Model):
    """A holiday or quiet minutes inside a session: the venue has no bars there and is not asked twice."""

    source = models.CharField(max_length=64)
    instrument = models.CharField(max_length=32)
    timeframe = models.CharField(max_length=8)
    first_at = models.DateTimeField(help_text="Open of the first bar that is not there.")
    last_at = models.DateTimeField(help_text="Close of the last bar that is not there.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="knowngap_stretch", fields=["source", "instrument", "timeframe", "first_at", "last_at"]
            ),
            models.CheckConstraint(
                name="knowngap_forward", condition=models.Q(first_at__lt=models.F("last_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} {self.timeframe} {self.first_at:%Y-%m-%d %H:%M}"


class DataSet(models.Model):
    """One file that was imported: where it came from and what it held."""

    source = models.CharField(max_length=64)
    instrument = models.CharField(max_length=32)
    timeframe = models.CharField(max_length=8)
    origin = models.CharField(max_length=400, help_text="The folder and file.")
    spread = models.CharField(max_length=32, help_text="recorded, or the version of the assumed table.")
    bars = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    gaps = models.PositiveIntegerField(default=0, help_text="Stretches without bars inside sessions.")
    crossed = models.PositiveIntegerField(default=0, help_text="Bars that close with the bid above the ask.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="dataset_series", fields=["source", "instrument", "timeframe"]),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} {self.timeframe} ({self.bars} bars)"


class QualityReport(models.Model):
    """One kind of fault of one instrument in one desk hour, with how often it was seen.

    Risk reads the hard ones.
    """

    source = models.CharField(max_length=64)
    instrument = models.CharField(max_length=32)
    kind = models.CharField(max_length=32)
    hard = models.BooleanField(default=True)
    detail = models.CharField(max_length=400)
    desk_hour_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField(help_text="Desk time of the first.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="qualityreport_hour", fields=["source", "instrument", "kind", "desk_hour_at"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument}: {self.kind} x{self.count}"
