"""Time of `risk.review.permit`, with the load named: `benchmarks/permit.py [--permits 100] [--writers 8]`.

It starts a PostgreSQL and a Valkey of its own (fsync off, as the tests do) and asks from threads that have a
connection each. Busy answers are asked again after 10 ms, and all of that waiting counts.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import django  # noqa: E402

from deploy.desk.testbed import Testbed, use  # noqa: E402


def quantile(times: list[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def timed(desk: "Desk", number: int, *, denied: bool) -> Iterator[float]:
    """Ask for one order until there is a verdict, and give the milliseconds that took."""
    request = desk.request("0.01", source=f"agent:{number % 12}")
    if denied:
        request = desk.request("50", source="user:1")
    start = time.perf_counter()
    while True:
        try:
            review.permit(request)
            break
        except Busy:
            time.sleep(0.01)
    yield (time.perf_counter() - start) * 1000


def measure(desk: "Desk", *, permits: int, writers: int, label: str, denied: bool = False) -> None:
    desk.quote("EURUSD", "1.24999", "1.25001")
    with ThreadPoolExecutor(writers) as pool:
        times = list(pool.map(lambda number: next(timed(desk, number, denied=denied)), range(permits)))
        list(pool.map(lambda _: connection.close(), range(writers)))
    p50, p99 = quantile(times, 0.5), quantile(times, 0.99)
    opened = len(books.load("paper-1").open_orders)
    load = f"{permits} permits, {writers} writers on one account, {opened} open orders at the end"
    print(f"{label}: p50 {p50:.1f} ms, p99 {p99:.1f} ms ({load}, machine load {os.getloadavg()[0]:.1f})")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--permits", type=int, default=100)
    arguments.add_argument("--writers", type=int, default=8)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        setup_test_environment()
        settings.MTQ_QUOTE_STALE_AFTER_S = 3600.0
        call_command("migrate", verbosity=0)
        desk = open_desk(settings, Path(folder))
        RiskLimit.objects.filter(metric="open_orders").update(hard=10**6)
        measure(desk, permits=50, writers=1, label="warm-up, approved")
        measure(desk, permits=given.permits, writers=1, label="alone, denied", denied=True)
        measure(desk, permits=given.permits, writers=1, label="alone, approved")
        measure(desk, permits=given.permits, writers=given.writers, label="racing, approved")


if __name__ == "__main__":
    testbed = Testbed.claim()
    use(testbed)
    os.environ["DJANGO_SETTINGS_MODULE"] = "mtquant_site.settings.test"
    try:
        testbed.start(testbed.postgres)
        testbed.start(testbed.valkey)
        django.setup()

        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection
        from django.test.utils import setup_test_environment

        from apps.portfolio import books
        from apps.risk import review
        from apps.risk.errors import Busy
        from apps.risk.models import RiskLimit
        from tests.risk.desk import Desk, open_desk

        main()
    finally:
        testbed.close()
