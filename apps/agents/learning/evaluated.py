"""What an evaluation found: values that the page, the admin and the tear sheet show."""

from dataclasses import asdict, dataclass
from typing import Any

Series = tuple[tuple[int, ...], tuple[float, ...]]  # epoch seconds and values

GATE_DAYS = 504  # the fewest trading days on which a promotion could be decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One strategy over the whole period, after all costs.

    `net_return` is profit over the starting equity, `costs` money in the account's currency, `turnover` the
    value traded over the starting equity, `exposure` the share of bars with a position. `sharpe` is None
    where daily results do not move. `low` and `high` are the 5 and 95 % quantiles of the net return where
    there are many draws.
    """

    name: str
    net_return: float
    sharpe: float | None
    max_drawdown: float
    trades: int
    turnover: float
    costs: float
    exposure: float
    seed: int | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """`rows`, `equity` and `drawdown` by strategy name; `members` has one row per seed of the ensemble."""

    instrument: str
    timeframe: str
    rows: tuple[Row, ...]
    members: tuple[Row, ...]
    equity: dict[str, Series]
    drawdown: dict[str, Series]
    first_at: int
    last_at: int
    days: int
    bars: int
    start_equity: float
    spread_label: str
    cost_version: str
    data_hash: str

    @property
    def note(self) -> str:
        """Say what these figures can and cannot decide."""
        if self.days >= GATE_DAYS:
            return (
                f"{self.days} trading days: long enough for the gates, but they were not asked. "
                "One period of one market shows how it went, not how it will go."
            )
        return (
            f"{self.days} trading days are too few for the gates, which need {GATE_DAYS}: this shows how the "
            "agent did, and cannot tell skill from luck."
        )

    def row(self, name: str) -> Row:
        """Return the row of a strategy. Raise LookupError when there is none."""
        for row in self.rows:
            if row.name == name:
                return row
        raise LookupError(f"there is no row {name}")

    def as_dict(self) -> dict[str, Any]:
        """Return everything as JSON keeps it; a series is a list of [epoch second, value]."""
        content = asdict(self)
        for kind in ("equity", "drawdown"):
            content[kind] = {
                name: [list(point) for point in zip(*series, strict=True)]
                for name, series in getattr(self, kind).items()
            }
        return content | {"note": self.note}
