"""The clock of leases and times to live: it counts through suspend, and a reboot starts another one."""

import time
from functools import cache
from pathlib import Path

NS_PER_S = 1_000_000_000


@cache
def boot_id() -> str:
    """Return the name of this boot of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def boottime_ns() -> int:
    """Return nanoseconds of CLOCK_BOOTTIME."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def deadline_ns(after_s: float) -> int:
    """Return the moment `after_s` real seconds from now."""
    return boottime_ns() + int(after_s * NS_PER_S)


def has_passed(boot: str, deadline: int) -> bool:
    """Tell whether a deadline is over; one that was set on another boot is."""
    return boot != boot_id() or boottime_ns() >= deadline
