"""Cash moves only by what the venue booked."""

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import F

from apps.broadcast import bell
from apps.portfolio import audit
from apps.portfolio.domain.report import CashMovement
from apps.portfolio.errors import BadReport
from apps.portfolio.ledger.writing import plain
from apps.portfolio.models import Account, CashFlow


def move_cash(account: Account, amount: Decimal) -> None:
    """Add to the account's cash, under its lock."""
    if amount:
        Account.objects.filter(pk=account.pk).update(cash=F("cash") + amount)


def book_cash(account: Account, movements: Sequence[CashMovement]) -> tuple[CashMovement, ...]:
    """Book each movement once and return those that were new. Raises BadReport."""
    bad = [movement.movement_id for movement in movements if not movement.amount.is_finite()]
    if bad:
        raise BadReport(f"cash movements without an amount: {', '.join(bad)}")
    by_id = {movement.movement_id: movement for movement in movements}
    known = CashFlow.objects.filter(account=account, movement_id__in=list(by_id))
    booked = set(known.values_list("movement_id", flat=True))
    new = tuple(movement for key, movement in by_id.items() if key not in booked)
    for movement in sorted(new, key=lambda each: (each.moved_at, each.movement_id)):
        _book(account, movement)
    return new


def _book(account: Account, movement: CashMovement) -> None:
    CashFlow.objects.create(
        account=account,
        movement_id=movement.movement_id,
        amount=movement.amount,
        kind=movement.kind,
        moved_at=movement.moved_at,
    )
    move_cash(account, movement.amount)
    audit.append(
        chain=audit.chain_of(account.slug),
        kind="account.cash",
        subject=account.slug,
        payload={"movement": movement.movement_id, "kind": movement.kind, "amount": plain(movement.amount)},
    )
    bell.after_commit("accounts", account.slug)
