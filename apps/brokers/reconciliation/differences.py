"""What booking does not explain: entries are blocked and people told, once it has lasted."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from apps.brokers.reconciliation.reading import Reading
from apps.portfolio import books, ledger
from apps.portfolio.domain.book import Book
from apps.portfolio.domain.order import OrderStatus
from apps.risk import alerts

logger = logging.getLogger(__name__)
PREFIX = "reconciliation: "
RULE = "reconciliation"
IDLE = timedelta(seconds=5)
WARN_OFFSET_S = 1.0
BLOCK_OFFSET_S = 2.0
NOTHING = Decimal(0)
# An account whose orders never rest is judged all the same after so many passes (a minute).
MOST_UNSURE_PASSES = 12


@dataclass(slots=True, kw_only=True)
class Suspects:
    """Differences of the last pass by name: only one that is seen again unchanged is acted upon."""

    seen: dict[str, Decimal] = field(default_factory=dict)
    confirmed: dict[str, Decimal] = field(default_factory=dict)
    unsure_passes: int = 0

    def lasting(self, found: dict[str, Decimal], *, unsure: Collection[str] = ()) -> dict[str, Decimal]:
        """Return what was there in the last pass too, and remember this one.

        What is `unsure` in this pass says nothing either way: it stays as the last sure pass left it.
        """
        sure = {name: amount for name, amount in found.items() if name not in unsure}
        again = {name: amount for name, amount in sure.items() if self.seen.get(name) == amount}
        self.confirmed = _of(self.confirmed, unsure) | again
        self.seen = _of(self.seen, unsure) | sure
        return dict(self.confirmed)


def _of(amounts: dict[str, Decimal], names: Collection[str]) -> dict[str, Decimal]:
    return {name: amount for name, amount in amounts.items() if name in names}


def act(*, account: str, reading: Reading, offset_s: float, suspects: Suspects) -> tuple[str, ...]:
    """Compare, block or free entries, raise alerts; return the sentences of what differs."""
    book = books.load(account)
    found = _found(book, reading)
    unsure = _unsure(account, reading, {*found, *suspects.seen}, suspects)
    lasting = suspects.lasting(found | _clock(offset_s), unsure=unsure)
    sentences = tuple(_sentence(name, amount) for name, amount in sorted(lasting.items()))
    blocking = [s for s in sentences if not s.startswith("clock") or abs(offset_s) > BLOCK_OFFSET_S]
    _block(book, PREFIX + "; ".join(blocking) if blocking else "")
    _tell(account, sentences, set(blocking))
    return sentences


def _unsure(account: str, reading: Reading, names: Iterable[str], suspects: Suspects) -> set[str]:
    """Return the figures that an order on its way may have moved between the reading and the book.

    Many equal orders make equal differences (their commission): "seen twice" alone would not tell them
    from a real one. An instrument without any order event for a while is sure on its own.
    """
    if _was_still(account, reading.begun_at):
        suspects.unsure_passes = 0
        return set()
    if suspects.unsure_passes >= MOST_UNSURE_PASSES:
        return set()
    suspects.unsure_passes += 1
    return {name for name in names if name != "clock" and (name == "cash" or not _is_idle(account, name))}


def _was_still(account: str, since: datetime) -> bool:
    """Tell whether no order moved since then and none is being sent. Asked after the book was loaded."""
    last_at = books.last_account_event_at(account)
    return (last_at is None or last_at < since) and not books.orders_in((OrderStatus.SENDING,), account)


def _tell(account: str, sentences: Iterable[str], blocking: set[str]) -> None:
    """Raise an alert for each difference, and close those that are over."""
    keys = {f"reconcile:{account}:{sentence.split(' ', 1)[0]}": sentence for sentence in sentences}
    for key, sentence in keys.items():
        level = "critical" if sentence in blocking else "warning"
        alerts.raise_alert(
            level=level, rule=RULE, scope=f"account:{account}", text=f"{account}: {sentence}", key=key
        )
    for key in alerts.open_keys(RULE) - keys.keys():
        if key.startswith(f"reconcile:{account}:"):
            alerts.close_alert(key=key, by="reconciliation")


def _found(book: Book, reading: Reading) -> dict[str, Decimal]:
    """Name every figure in which venue and ledger differ, as venue minus ledger."""
    names = {*reading.positions, *book.holdings}
    lots = {name: reading.positions.get(name, NOTHING) - book.quantity(name) for name in names}
    found = {name: difference for name, difference in lots.items() if difference}
    cash = reading.balance - book.account.cash
    if cash and reading.has_history:
        found["cash"] = cash
    return found


def _clock(offset_s: float) -> dict[str, Decimal]:
    """Give a name to an offset that is too large; its size is left out, since it never repeats exactly."""
    return {"clock": Decimal(1)} if abs(offset_s) > WARN_OFFSET_S else {}


def _sentence(name: str, amount: Decimal) -> str:
    if name == "clock":
        return "clock of the venue is off by more than a second"
    unit = "" if name == "cash" else " lots"
    return f"{name} at the venue is {amount:+}{unit} from the ledger, without a booking that explains it"


def _is_idle(account: str, instrument: str) -> bool:
    last_at = books.last_instrument_event_at(account, instrument)
    return last_at is None or datetime.now(UTC) - last_at > IDLE


def _block(book: Book, reason: str) -> None:
    """Block entries, or free what was blocked here. Another's reason stands until its owner lifts it."""
    account, now = book.account.slug, book.account.entries_blocked
    if reason and not now:
        ledger.block_entries(account=account, reason=reason)
        logger.warning("entries of %s are blocked: %s", account, reason)
    elif not reason and now.startswith(PREFIX):
        ledger.unblock_entries(account=account, by="reconciliation", reason="venue and ledger agree again")
        logger.info("entries of %s are free again", account)
