"""Figures in the desk's templates."""

from datetime import datetime
from decimal import Decimal

from django import template
from django.utils import timezone

from apps.edges import figures

register = template.Library()

register.filter("money", figures.money)
register.filter("gain", figures.gain)
register.filter("plain", figures.plain)
register.filter("share", figures.share)


@register.filter
def ago(at: datetime | None) -> str:
    """Return how long ago an instant of wall time was, in its largest unit."""
    if at is None:
        return figures.NONE
    seconds = max(0, int((timezone.now() - at).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


@register.filter
def lots(value: Decimal) -> str:
    """Return signed lots; nothing at all is a dash."""
    return figures.NONE if not value else ("+" if value > 0 else "") + figures.plain(value)
