"""The files and rates of this host: kill file, hard caps, token buckets."""

import json
import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Hard caps of this host, written by its operators. Value is in the account's currency."""

    max_order_lots: Decimal
    max_order_value: Decimal
    max_orders_per_second: Decimal
    max_orders_per_minute: Decimal


def kill_mode(gate_dir: Path) -> str:
    """Return "" where no kill file is, else "entries" or "all". A folder that is not there counts as set."""
    if not gate_dir.is_dir():
        return "all"
    try:
        said = (gate_dir / "KILL").read_text().strip().lower()
    except FileNotFoundError:
        return ""
    except OSError:
        return "all"
    return "entries" if said in {"", "entries"} else "all"


def read_caps(gate_dir: Path) -> Caps:
    """Raise OSError, ValueError or KeyError for a file that is absent, broken or open to others."""
    path = gate_dir / "caps.json"
    if path.stat().st_mode & 0o022:
        raise ValueError(f"{path} may be written by others than its owner")
    raw: dict[str, Any] = json.loads(path.read_text())
    caps = {name: Decimal(str(raw[name])) for name in Caps.__dataclass_fields__}
    wrong = [name for name, cap in caps.items() if not cap.is_finite() or cap <= 0]
    if wrong:
        raise ValueError(f"{path}: {', '.join(wrong)} must be above zero")
    return Caps(**caps)


@dataclass(slots=True)
class _Bucket:
    """Tokens that come at a rate and pile up for a second or a minute. It starts empty."""

    since: float = field(default_factory=time.monotonic)
    tokens: Decimal = Decimal(0)

    def refill(self, most: Decimal, per_s: Decimal, now: float) -> None:
        self.tokens = min(most, self.tokens + per_s * Decimal(repr(now - self.since)))
        self.since = now


class Buckets:
    """One pair for each gate folder, from the start of this process on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pairs: dict[Path, tuple[_Bucket, _Bucket]] = {}
        self._born = time.monotonic()

    def take(self, gate_dir: Path, caps: Caps) -> str:
        """Take a token of each, or return which rate has none."""
        with self._lock:
            second, minute = self._pairs.setdefault(gate_dir, (_Bucket(self._born), _Bucket(self._born)))
            now = time.monotonic()
            second.refill(caps.max_orders_per_second, caps.max_orders_per_second, now)
            minute.refill(caps.max_orders_per_minute, caps.max_orders_per_minute / 60, now)
            if second.tokens < 1:
                return f"{caps.max_orders_per_second} orders a second"
            if minute.tokens < 1:
                return f"{caps.max_orders_per_minute} orders a minute"
            second.tokens -= 1
            minute.tokens -= 1
            return ""
