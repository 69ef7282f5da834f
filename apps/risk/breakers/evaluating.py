"""An account's equity against its loss thresholds, cheap enough to be asked four times a second."""

import logging
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from apps.portfolio import locks
from apps.portfolio.errors import Busy as AccountHeld
from apps.risk.breakers import closeout, measuring, writing
from apps.risk.breakers.measuring import Seen, Worth
from apps.risk.breakers.reading import ACCOUNT, bases_of, states, thresholds
from apps.risk.domain.breaker import Assessment, Bases, BreakerLevel, assess
from apps.risk.models import BreakerState

log = logging.getLogger(__name__)

# A new peak is written at once when it is this much above the last one, and within 5 s in any case, so
# that a rising market does not lock the account at every quote. A peak that falls back within those
# seconds may be missed: it understates the high-water mark by less than this share.
NOTABLE_PEAK = Decimal("0.001")
WRITTEN_EVERY = timedelta(seconds=5)


def evaluate(account_slug: str) -> BreakerLevel:
    """Return the account's level after looking at its worth now; raise, and where allowed lower, it first.

    The account is locked only where level, bases or a notable peak change. Without any mark of a position
    the level stays as it is; old marks may raise it. A held account is tried again at the next call.
    """
    scope = f"{ACCOUNT}{account_slug}"
    row = states([scope])[scope]
    seen = measuring.look()
    worth = measuring.value(account_slug, seen)
    if worth is None:
        return BreakerLevel(row.level)
    closeout.tell(account_slug, worth, seen)
    found = _assess(row, worth, seen)
    if not _must_write(row, found):
        _show(row, found, worth)
        return found.level
    try:
        with transaction.atomic():
            locks.lock_account(account_slug, exit=True)
            return _write(account_slug, scope, seen)
    except AccountHeld as error:
        log.warning("%s stays at %s for now: %s", scope, BreakerLevel(row.level).name, error)
        return BreakerLevel(row.level)


def _assess(row: BreakerState, worth: Worth, seen: Seen) -> Assessment:
    bases = bases_of(row) or Bases.at(worth.equity, flows=worth.flows, day=seen.day)
    return assess(
        BreakerLevel(row.level),
        equity=worth.equity,
        bases=bases,
        flows=worth.flows,
        day=seen.day,
        thresholds=thresholds(row.scope),
        marks_good=worth.marks_good,
    )


def _must_write(row: BreakerState, found: Assessment) -> bool:
    bases = bases_of(row)
    if bases is None or found.level != row.level:
        return True
    if found.bases.flows != bases.flows or found.bases.day != bases.day:
        return True
    peak = found.bases.high_water_mark - bases.high_water_mark
    return peak > 0 and (peak > bases.high_water_mark * NOTABLE_PEAK or _is_old(row))


def _is_old(row: BreakerState) -> bool:
    return row.evaluated_at is None or timezone.now() - row.evaluated_at >= WRITTEN_EVERY


def _show(row: BreakerState, found: Assessment, worth: Worth) -> None:
    """Renew the figures that pages show, without a lock: they decide nothing."""
    if _is_old(row):
        BreakerState.objects.filter(pk=row.pk, epoch=row.epoch).update(
            equity=worth.equity,
            drawdown=writing.kept(found.drawdown),
            loss_base=found.base.value,
            evaluated_at=timezone.now(),
        )


def _write(account_slug: str, scope: str, seen: Seen) -> BreakerLevel:
    """Judge again under the lock: book and row may have moved since the first look."""
    worth = measuring.value(account_slug, seen)
    row = states([scope])[scope]
    if worth is None:
        return BreakerLevel(row.level)
    found = _assess(row, worth, seen)
    old = BreakerLevel(row.level)
    writing.take_over(row, found.bases, equity=worth.equity, drawdown=found.drawdown, base=found.base)
    if found.level != old:
        text = f"loss of {found.drawdown * 100:.2f} % of the {found.base.value.replace('_', ' ')}"
        writing.move(
            row,
            found.level,
            kind="raised" if found.level > old else "lowered",
            cause=text if found.level > old else f"recovered: {text}",
            by="desk",
            detail={"marks_good": worth.marks_good},
        )
    row.save()
    return found.level
