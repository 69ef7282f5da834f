"""A quote as it is kept in history: float64, with the ordinal that tells equal times apart."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    instrument: str
    tick_at: datetime
    seq: int
    bid: float
    ask: float
    received_at: datetime
