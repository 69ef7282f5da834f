"""Durable servers and a stage for benchmarks of the permit: as `./mtquant drill races` has them."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import django  # noqa: E402

from deploy.desk.testbed import Testbed, use  # noqa: E402

if TYPE_CHECKING:
    from apps.risk.management.races.stage import Stage

ACCOUNTS = 8
SYNCS = 200


@contextmanager
def servers() -> Iterator[Testbed]:
    """Give a PostgreSQL that waits for the disk and a Valkey, with an empty desk in them."""
    disk = ROOT / "var"
    testbed = Testbed.claim(durable=True, within=disk if disk.is_dir() else None)
    use(testbed)
    os.environ["MTQ_RUN"] = "drill-benchmark"
    os.environ["MTQ_QUOTE_STALE_AFTER_S"] = "86400"  # rounds take longer than a quote stays fresh
    os.environ["DJANGO_SETTINGS_MODULE"] = "mtquant_site.settings.test"
    try:
        testbed.start(testbed.postgres)
        testbed.start(testbed.valkey)
        django.setup()
        from django.core.management import call_command  # noqa: PLC0415 - settings are read on import
        from django.db import connections  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        connections.close_all()
        yield testbed
    finally:
        testbed.close()


def build(accounts: int = ACCOUNTS) -> "Stage":
    """Open accounts `bench-0` and on, with limits that nothing here comes near."""
    from apps.risk.management.races.stage import Stage  # noqa: PLC0415

    return Stage.build("bench", [f"bench-{number}" for number in range(accounts)])


def sync_ms(folder: Path) -> list[float]:
    """Return how long the disk takes to keep 8 kB for good, as each commit asks it to."""
    times = []
    path = folder / "sync.probe"
    with path.open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(b"\0" * 8192)
            since = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - since) * 1000)
    path.unlink()
    return times


def quantile(times: list[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]
