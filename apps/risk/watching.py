"""The watch: every few seconds it looks at breakers, feeds, doubts and facts, and says what is wrong."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from apps.marketdata import calendar, clock, datasets, history
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.errors import StoreUnavailable
from apps.portfolio import books
from apps.portfolio.domain.order import OrderStatus
from apps.risk import alerts, breakers
from apps.risk.breakers import measuring
from apps.risk.breakers.measuring import Seen
from apps.risk.models import Alert, WatchMark

log = logging.getLogger(__name__)

DOUBT_AFTER = timedelta(seconds=5)
OLD_FIGURES_AFTER = timedelta(minutes=1)  # they are worked out every five seconds
# The others are derived from these two, and late when they are.
BASE_TIMEFRAMES = (Timeframe.M1, Timeframe.H1)
BARS_LATE = 3
LATE_BARS_WALL = timedelta(seconds=20)
QUIET_FEED_CLOSES_AFTER = timedelta(hours=1)
LOOK_BACK_S = 5.0  # two transactions may commit against the order of their ids
FACTS = ("late_fill", "overfill", "external")
EXPECTED = {"stop_loss", "take_profit"}  # the venue did what we asked of it when the order was sent


def watch() -> None:
    """Do one round. What one part cannot read leaves the others their turn at the next round."""
    seen = measuring.look()
    for account in books.accounts():
        if account.enabled:
            breakers.evaluate(account.slug)
    _stale_feeds(seen)
    _late_bars(seen)
    _feed_faults()
    _doubts()
    _old_figures()
    _facts()


def _stale_feeds(seen: Seen) -> None:
    """Alert on each instrument that should trade and has no good quote; close what is fresh or closed."""
    lasting = set()
    for name, fault in seen.market.faults.items():
        if calendar.is_open(name, at=seen.now):
            key = f"stale:{name}"
            lasting.add(key)
            text = f"{name} has no good quote in its session: {fault}"
            alerts.raise_alert(level="warning", rule="stale_feed", scope="desk", text=text, key=key)
    _close_others("stale_feed", lasting)


def _late_bars(seen: Seen) -> None:
    """Alert on each instrument that has good quotes but no new bars: a store or the worker is in trouble."""
    lasting = set()
    for timeframe in BASE_TIMEFRAMES:
        patience = max(BARS_LATE * timeframe.length, LATE_BARS_WALL * clock.speed())
        for name, closed_at in _closed_through(timeframe).items():
            traded_all_along = calendar.is_open(name, at=seen.now - patience)
            if name in seen.market.good and traded_all_along and seen.now - closed_at > patience:
                key = f"late:{name}:{timeframe.value}"
                lasting.add(key)
                text = (
                    f"{name} has quotes, but no {timeframe.value} bar since {closed_at:%Y-%m-%d %H:%M} (desk)"
                )
                alerts.raise_alert(level="warning", rule="late_bars", scope="desk", text=text, key=key)
    _close_others("late_bars", lasting)


def _closed_through(timeframe: Timeframe) -> dict[str, datetime]:
    try:
        return history.closed_through(timeframe)
    except StoreUnavailable as error:
        log.warning("nobody can say which bars are closed: %s", error)
        return {}


def _feed_faults() -> None:
    mark = _mark("feed_faults")
    for fault in datasets.faults_after(mark.last_id):
        alerts.raise_alert(
            level="warning",
            rule="feed_fault",
            scope="desk",
            text=f"{fault.instrument}: {fault.kind}: {fault.detail}",
            key=f"feed:{fault.instrument}:{fault.kind}",
        )
        _advance(mark, fault.id)
    quiet = Alert.objects.filter(
        rule="feed_fault", closed_at__isnull=True, last_at__lt=timezone.now() - QUIET_FEED_CLOSES_AFTER
    )
    for key in quiet.values_list("key", flat=True):
        alerts.close_alert(key=key)


def _doubts() -> None:
    lasting = set()
    for order in books.orders_in({OrderStatus.UNKNOWN}):
        if order.unknown_at and timezone.now() - order.unknown_at > DOUBT_AFTER:
            key = f"doubt:{order.client_order_id}"
            lasting.add(key)
            what = f"{order.side} {order.quantity.normalize():f} {order.instrument} of {order.source}"
            text = f"nobody knows whether the venue has {what}"
            alerts.raise_alert(
                level="critical", rule="doubt", scope=f"account:{order.account}", text=text, key=key
            )
    _close_others("doubt", lasting)


def _old_figures() -> None:
    """Alert on each account that the desk counts at old prices: its figures could not be worked out."""
    lasting = set()
    for account, at in books.figures_at().items():
        if timezone.now() - at > OLD_FIGURES_AFTER:
            key = f"figures:{account}"
            lasting.add(key)
            text = f"what {account} takes of the desk's limits is counted as of {at:%Y-%m-%d %H:%M:%S} UTC"
            alerts.raise_alert(
                level="warning", rule="old_figures", scope=f"account:{account}", text=text, key=key
            )
    _close_others("old_figures", lasting)


def _facts() -> None:
    """Alert on what the venue did without us: late, too large or foreign fills. People close these."""
    mark = _mark("order_facts")
    for event in books.events_after(mark.last_id, FACTS, look_back_s=LOOK_BACK_S):
        if event.detail.get("reason") not in EXPECTED:
            what = event.kind.replace("_", " ")
            alerts.raise_alert(
                level="critical",
                rule=event.kind,
                scope=f"account:{event.account}",
                text=f"{event.account}: {what} in {event.instrument} of {event.source}",
                key=f"{event.kind}:{event.client_order_id}",
            )
        _advance(mark, event.id)


def _close_others(rule: str, lasting: Iterable[str]) -> None:
    for key in alerts.open_keys(rule) - set(lasting):
        alerts.close_alert(key=key)


def _mark(name: str) -> WatchMark:
    mark, _ = WatchMark.objects.get_or_create(name=name)
    return mark


def _advance(mark: WatchMark, last_id: int) -> None:
    """Move the mark after its alert is stored: a crash in between repeats the alert, which only counts up."""
    mark.last_id = last_id
    WatchMark.objects.filter(pk=mark.pk, last_id__lt=last_id).update(last_id=last_id)
