"""One connection as the gateway holds it."""

import time

from apps.brokers import connections
from apps.brokers.dispatch import off_loop
from apps.brokers.gateway.line import LATE_AFTER_S, Line
from apps.brokers.gateway.sink import Sink
from apps.risk import alerts
from tests.brokers.orders.conftest import Desk


async def test_passes_that_keep_failing_are_told_until_one_succeeds(desk: Desk) -> None:
    (view,) = await off_loop(connections.enabled)
    line = await Line.open(view, Sink())
    await line.tell_if_late(ValueError("once"))
    assert not await off_loop(alerts.open_keys, "unreconciled")
    line.agreed_at = time.monotonic() - LATE_AFTER_S - 1
    await line.tell_if_late(ValueError("again and again"))
    assert await off_loop(alerts.open_keys, "unreconciled") == {line.late_key}
    await line.start()
    await line.back.wait()
    await line.reconcile()
    assert line.reconciled
    assert not await off_loop(alerts.open_keys, "unreconciled")
    await line.close()
