"""What an account is worth now, kept as a row."""

import logging
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from apps.broadcast import bell
from apps.marketdata import clock, instruments, quotes
from apps.marketdata.errors import StoreUnavailable
from apps.portfolio import books
from apps.portfolio.domain.book import Book
from apps.portfolio.domain.holding import KEPT
from apps.portfolio.errors import NoMark, NoRate
from apps.portfolio.models import Account, EquitySnapshot

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """An account at closing prices, in its own currency; `desk_at` is desk time."""

    account: str
    cash: Decimal
    open_profit: Decimal
    equity: Decimal
    margin_used: Decimal
    gross: Decimal
    desk_at: datetime


def snapshot(account: str) -> Valuation | None:
    """Value an account at fresh quotes and keep the result.

    Without a good price or rate for all it holds nothing is written and None returned: an unknown worth
    is not zero. Raises UnknownAccount.
    """
    book = books.load(account)
    try:
        value = _value(book, clock.desk_now())
    except (NoMark, NoRate, StoreUnavailable) as missing:
        logger.info("no snapshot of %s: %s", account, missing)
        return None
    EquitySnapshot.objects.create(
        account=Account.objects.get(slug=account),
        cash=value.cash,
        open_profit=value.open_profit,
        equity=value.equity,
        margin_used=value.margin_used,
        gross=value.gross,
        desk_at=value.desk_at,
    )
    bell.after_commit("equity", account)
    return value


def snapshot_all() -> int:
    """Value every enabled account and return how many could be."""
    taken = [snapshot(view.slug) for view in books.accounts() if view.enabled]
    return sum(value is not None for value in taken)


def _value(book: Book, now: datetime) -> Valuation:
    specs = instruments.specs()
    marks = quotes.fresh(specs, now=now)
    open_profit = _kept(book.open_profit(marks, specs))
    return Valuation(
        account=book.account.slug,
        cash=book.account.cash,
        open_profit=open_profit,
        equity=book.account.cash + open_profit,
        margin_used=_kept(book.margin_used(marks, specs)),
        gross=_kept(book.gross(marks, specs)),
        desk_at=now,
    )


def _kept(amount: Decimal) -> Decimal:
    return amount.quantize(KEPT, ROUND_HALF_EVEN)
