"""What a person should look at: raised once while it lasts, closed when it is over."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from apps.broadcast import bell
from apps.risk.models import Alert

TOPIC = "alerts"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """Times are wall time; `count` is how often it was raised while open."""

    id: int
    level: str
    rule: str
    key: str
    text: str
    count: int
    opened_at: datetime
    last_at: datetime


def raise_alert(*, level: str, rule: str, scope: str, text: str, key: str) -> None:
    """Open an alert, or count it up where one with this key is open. `level`: info, warning, critical.

    `scope` is what it tells of: `account:SLUG`, `agent:SLUG`, or the desk, for everybody to see.
    """
    key, text = key[:160], text[:500]
    if _again(level=level, text=text, key=key):
        return
    try:
        with transaction.atomic():
            Alert.objects.create(level=level, rule=rule, scope=scope, text=text, key=key)
    except IntegrityError:  # somebody raised the same one in this moment
        if not _again(level=level, text=text, key=key):
            raise
        return
    bell.after_commit(TOPIC, key)


def _again(*, level: str, text: str, key: str) -> int:
    rows = Alert.objects.filter(key=key, closed_at__isnull=True)
    if once_more := rows.filter(level=level, text=text).update(count=F("count") + 1, last_at=Now()):
        return once_more
    if changed := rows.update(level=level, text=text, count=F("count") + 1, last_at=Now()):
        bell.after_commit(TOPIC, key)
    return changed


def close_alert(*, key: str, by: str = "desk") -> bool:
    """Close the open alert of this key. Return whether there was one."""
    rows = Alert.objects.filter(key=key[:160], closed_at__isnull=True)
    closed = rows.update(closed_at=Now(), closed_by=by) == 1
    if closed:
        bell.after_commit(TOPIC, key)
    return closed


def open_alerts(scopes: Collection[str] | None = None) -> list[AlertView]:
    """Return what is open in these scopes, or everywhere, newest first."""
    rows = Alert.objects.filter(closed_at__isnull=True)
    return [
        AlertView(
            id=row.pk,
            level=row.level,
            rule=row.rule,
            key=row.key,
            text=row.text,
            count=row.count,
            opened_at=row.opened_at,
            last_at=row.last_at,
        )
        for row in (rows if scopes is None else rows.filter(scope__in=scopes))
    ]


def open_keys(rule: str) -> set[str]:
    """Return the keys of the open alerts of a rule."""
    return set(Alert.objects.filter(rule=rule, closed_at__isnull=True).values_list("key", flat=True))
