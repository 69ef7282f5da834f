"""Accounts come into being at seed or first connect, and may be closed for entries."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.broadcast import bell
from apps.portfolio import audit, locks
from apps.portfolio.books import account as read_account
from apps.portfolio.domain.book import AccountView
from apps.portfolio.errors import UnknownAccount
from apps.portfolio.ledger.writing import Journal
from apps.portfolio.models import Account

BLOCKED, LONGEST_REASON = "entries_blocked", 200
DIGITS = 18  # before the point, that a column holds
_NOT_TOLD = {"venue_equity": None, "venue_equity_at": None}


def open_account(
    *,
    slug: str,
    currency: str,
    name: str = "",
    login: str = "",
    hedging: bool = False,
    leverage: Decimal = Decimal(1),
    environment: str = "paper",
) -> AccountView:
    """Create or correct an account. Its cash starts at zero and comes from the venue's own movements."""
    facts: dict[str, Any] = {
        "name": name or slug,
        "currency": currency,
        "login": login,
        "hedging": hedging,
        "leverage": leverage,
        "environment": environment,
    }
    with transaction.atomic():
        locks.lock_account(slug, exit=True)
        before = Account.objects.filter(slug=slug).values(*facts).first()
        if before != facts:
            # What the venue told was money of the old currency.
            told = {} if before and before["currency"] == currency else _NOT_TOLD
            Account.objects.update_or_create(slug=slug, defaults=facts | told)
            _audit(slug, "opened", {key: str(value) for key, value in facts.items()})
    return read_account(slug)


def told_equity(*, account: str, equity: Decimal, currency: str, at: datetime) -> bool:
    """Keep what the venue says the account is worth, read at `at` (wall time); no booking, so not audited.

    Of two readings the newer stays, and money of another currency than the account's is not kept: False.
    """
    if not equity.is_finite() or equity.adjusted() >= DIGITS:
        return False
    older = Q(venue_equity_at=None) | Q(venue_equity_at__lt=at)
    rows = Account.objects.filter(older, slug=account, currency=currency)
    return rows.update(venue_equity=equity, venue_equity_at=at) == 1


def set_pack(*, account: str, pack: str, by: str, reason: str) -> None:
    """Put an account under another regulator's rules; whoever calls has asked who must agree to that.

    Raise UnknownAccount, Busy.
    """
    with transaction.atomic():
        locks.lock_account(account, exit=True)
        before = Account.objects.filter(slug=account).values_list("pack", flat=True).first()
        if before is None:
            raise UnknownAccount(account)
        Account.objects.filter(slug=account).update(pack=pack)
        _audit(account, "pack", {"old": before, "new": pack, "by": by, "reason": reason})


def block_entries(*, account: str, reason: str) -> bool:
    """Let nothing that adds risk pass on the account; False if it was blocked already."""
    return _set_block(account, old_empty=True, reason=reason, by="desk")


def unblock_entries(*, account: str, by: str, reason: str) -> bool:
    """Allow entries again, on a person's word; False if they were allowed."""
    return _set_block(account, old_empty=False, reason=reason, by=by)


def block_entries_noted(journal: Journal, *, account: str, reason: str) -> None:
    """Block entries under the account's lock, as `block_entries` does; the journal tells of it."""
    reason = reason[:LONGEST_REASON]
    if Account.objects.filter(slug=account, entries_blocked="").update(entries_blocked=reason):
        journal.add_of_account(kind=BLOCKED, payload={"reason": reason, "by": "desk"})


def _set_block(account: str, *, old_empty: bool, reason: str, by: str) -> bool:
    with transaction.atomic():
        locks.lock_account(account, exit=True)
        rows = Account.objects.filter(slug=account)
        if not rows.exists():
            raise UnknownAccount(account)
        rows = rows.filter(entries_blocked="") if old_empty else rows.exclude(entries_blocked="")
        changed = rows.update(entries_blocked=reason[:LONGEST_REASON] if old_empty else "") == 1
        if changed:
            kind = BLOCKED if old_empty else "entries_allowed"
            _audit(account, kind, {"reason": reason, "by": by})
    return changed


def _audit(account: str, kind: str, payload: dict[str, str]) -> None:
    audit.append(chain=audit.chain_of(account), kind=f"account.{kind}", subject=account, payload=payload)
    bell.after_commit("accounts", account)
