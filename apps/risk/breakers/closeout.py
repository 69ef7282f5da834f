"""Whether a retail account's equity still carries its positions: told once when it no longer does."""

import logging
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction

from apps.marketdata import clock
from apps.portfolio import locks
from apps.portfolio.errors import Busy as AccountHeld
from apps.portfolio.errors import NoMark, NoRate
from apps.risk import alerts, margins
from apps.risk.breakers.measuring import Seen, Worth, known_quotes
from apps.risk.breakers.reading import ACCOUNT, states
from apps.risk.breakers.writing import kept
from apps.risk.domain.packs import Margined, NoClass, Pack, margin_closeout, pack_of
from apps.risk.models import BreakerEvent

log = logging.getLogger(__name__)
KIND, OVER = "margin_closeout", "margin_restored"
# It is over once equity is well above the threshold, so that a trembling price rings once.
RECOVERED = Decimal("1.25")


def tell(account_slug: str, worth: Worth, seen: Seen) -> None:
    """Write a `margin_closeout` event, and an alert, when equity falls to the pack's share of margin.

    Once while it lasts; `margin_restored` tells that it is over. The level stays as it is. Accounts whose
    pack has no close-out are left alone.
    """
    pack = pack_of(worth.book.account.pack)
    if pack.closeout is None:
        return
    try:
        margin = _required(worth, seen, pack)
    except (NoClass, NoMark, NoRate) as missing:
        log.warning("the margin of %s cannot be told: %s", account_slug, missing)
        return
    kind = _due(f"{ACCOUNT}{account_slug}", worth, margin, pack)
    if not kind:
        return
    try:
        with transaction.atomic():
            locks.lock_account(account_slug, exit=True)
            _write(f"{ACCOUNT}{account_slug}", kind, worth, margin, pack)
    except AccountHeld as error:
        log.warning("%s of %s is written at the next look: %s", kind, account_slug, error)


def _required(worth: Worth, seen: Seen, pack: Pack) -> Decimal:
    quotes = seen.market.good if worth.marks_good else known_quotes(seen)
    specs = Margined(seen.specs, pack, margins.classes())
    return replace(worth.book, open_orders=()).margin_used(quotes, specs)


def _due(scope: str, worth: Worth, margin: Decimal, pack: Pack) -> str:
    """Return which event is due, if any."""
    lasts = _lasts(scope)
    if margin_closeout(pack, equity=worth.equity, margin=margin):
        return "" if lasts else KIND
    calm = pack.closeout is None or worth.equity > pack.closeout * margin * RECOVERED
    return OVER if lasts and calm and worth.marks_good else ""


def _lasts(scope: str) -> bool:
    rows = BreakerEvent.objects.filter(scope=scope, kind__in=(KIND, OVER)).order_by("-id")
    return rows.values_list("kind", flat=True).first() == KIND


def _write(scope: str, kind: str, worth: Worth, margin: Decimal, pack: Pack) -> None:
    if _due(scope, worth, margin, pack) != kind:
        return  # somebody else told it while we waited for the lock
    row = states([scope])[scope]
    share = pack.closeout or Decimal(0)
    cause = f"equity of {worth.equity:.2f} against {share:.0%} of a margin of {margin:.2f}"
    detail: dict[str, Any] = {"margin": f"{kept(margin)}", "pack": pack.name, "marks_good": worth.marks_good}
    BreakerEvent.objects.create(
        scope=scope,
        kind=kind,
        old_level=row.level,
        new_level=row.level,
        epoch=row.epoch,
        cause=cause,
        by="desk",
        equity=kept(worth.equity),
        detail=detail,
        desk_at=clock.desk_now(),
    )
    transaction.on_commit(partial(_ring, scope, kind, cause), robust=True)


def _ring(scope: str, kind: str, cause: str) -> None:
    if kind == OVER:
        alerts.close_alert(key=f"{KIND}:{scope}")
    else:
        alerts.raise_alert(level="critical", rule=KIND, scope=scope, key=f"{KIND}:{scope}", text=cause)
