"""When a venue is down for maintenance each day, by New York's wall clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from apps.marketdata.domain.sessions import NEW_YORK


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `first` up to but not including `last`, New York time; it may reach over midnight."""

    first: time
    last: time

    def covers(self, at: datetime) -> bool:
        local = at.astimezone(NEW_YORK).time()
        if self.first <= self.last:
            return self.first <= local < self.last
        return local >= self.first or local < self.last

    def next_start(self, at: datetime) -> datetime:
        """Return the first moment from `at` on at which it begins, in UTC."""
        local = at.astimezone(NEW_YORK)
        days = 0 if local.time() <= self.first else 1
        starts = datetime.combine(local.date() + timedelta(days=days), self.first, NEW_YORK)
        return starts.astimezone(UTC)


def parse(text: str) -> tuple[Window, ...]:
    """Read "16:58-17:06, 23:55-00:05"; an empty text has no window. Raise ValueError for anything else."""
    return tuple(_window(part.strip()) for part in text.split(",") if part.strip())


def _window(text: str) -> Window:
    first, dash, last = text.partition("-")
    if not dash:
        raise ValueError(f"maintenance is a time, a dash and a time, not {text!r}")
    window = Window(first=time.fromisoformat(first.strip()), last=time.fromisoformat(last.strip()))
    if window.first == window.last:
        raise ValueError(f"maintenance from {first} to {last} would last all day")
    return window
