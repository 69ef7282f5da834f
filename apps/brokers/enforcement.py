"""Carries out a halt: entries are cancelled and positions closed, round by round, until flat is read back.

It follows the breaker's level rather than one event: as long as a scope is HALTED it is kept flat, so a fill
that crossed the halt is closed as well. Its orders only reduce, and go through `execution.submit` like all.
"""

import logging
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings

from apps.brokers import dispatch, execution
from apps.brokers.connections import BrokerAdapter, VenuePosition
from apps.marketdata import clock, instruments
from apps.portfolio import books
from apps.portfolio.domain.book import Book, OpenOrder
from apps.portfolio.domain.order import OrderRequest, OrderStatus, Side, client_order_id
from apps.risk import alerts, breakers
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.intent import is_enforcement
from apps.risk.domain.verdict import Denied
from apps.risk.errors import Busy, Refused

logger = logging.getLogger(__name__)
NOTHING = Decimal(0)
LONGEST_PAUSE_S = 30.0
ESCALATED_PAUSE_S = 300.0  # a close that has no room on its account, unless the account moves before
LOOK_BACK_S = 10.0
ESCALATE = "escalate"
FACTS = (ESCALATE, "margin_closeout", "margin_restored")  # they leave the level, and its event, as they are
CANCELLABLE = (
    OrderStatus.APPROVED,
    OrderStatus.ACCEPTED,
    OrderStatus.PARTIALLY_FILLED,
    OrderStatus.REPLACE_PENDING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something to close for a halt. `lots` is signed and what is held; `ticket` is for hedging accounts."""

    event_id: int
    account: str
    source: str
    instrument: str
    lots: Decimal
    ticket: str = ""

    def signal_key(self, round_: int) -> str:
        """Name one attempt: the same halt, ticket and round is the same order, whoever asks again."""
        return f"enforcement:{self.event_id}:{self.ticket or self.instrument}:{round_}"


@dataclass(slots=True, kw_only=True)
class Enforcement:
    """What is halted, by scope, with the event that said so; everything else is read from rows."""

    last_event_id: int = 0
    halted: dict[str, int] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)
    not_before: dict[str, float] = field(default_factory=dict)
    stuck_at: dict[str, Decimal] = field(default_factory=dict)  # the account's lots when a close escalated
    told: set[int] = field(default_factory=set)  # escalations

    async def step(self, accounts: Collection[str], sessions: Mapping[str, BrokerAdapter]) -> int:
        """Do what the halts ask for now, and return how many closing orders were asked for.

        Entries are cancelled on all `accounts`; positions are closed where the venue answers: `sessions` are
        those that are connected. Raise VenueUnavailable: a position is unknown.
        """
        await dispatch.off_loop(self._hear)
        if not self.halted:
            return 0
        await dispatch.off_loop(self._cancel_entries, tuple(accounts))
        asked = 0
        for account, session in sessions.items():
            if not self._touches(account):
                continue
            # What is under way is read before the positions: what fills in between is not closed twice.
            book = await dispatch.off_loop(books.load, account)
            held = await session.positions()
            asked += await dispatch.off_loop(self._close, book, held)
        return asked

    def _hear(self) -> None:
        """Take over where each scope stands; events of the last seconds are read again, without harm."""
        last_id, halted = self.last_event_id, dict(self.halted)
        for event in breakers.events_after(last_id, look_back_s=LOOK_BACK_S):
            last_id = max(last_id, event.id)
            if event.level < BreakerLevel.HALTED:
                halted.pop(event.scope, None)
            elif event.kind not in FACTS:
                halted[event.scope] = event.id
            if event.kind == ESCALATE and event.id not in self.told:
                _tell_person(event)
                self.told.add(event.id)
        for scope in halted.keys() - self.halted.keys():
            logger.warning("%s is halted by event %d", scope, halted[scope])
        self.last_event_id, self.halted = last_id, halted

    def _touches(self, account: str) -> bool:
        return any(not s.startswith("account:") or s == f"account:{account}" for s in self.halted)

    def _cancel_entries(self, accounts: Iterable[str]) -> None:
        for account in accounts:
            for order in books.load(account).open_orders:
                scope = self._scope_of(account, order)
                if scope is not None and order.status in CANCELLABLE:
                    _cancel(order.client_order_id, by=f"enforcement:{self.halted[scope]}")

    def _scope_of(self, account: str, order: OpenOrder) -> str | None:
        """Return the halted scope that an entry belongs to, if any."""
        if not order.is_entry:
            return None
        scopes = ("desk", f"account:{account}", order.source)
        return next((scope for scope in scopes if scope in self.halted), None)

    def _close(self, book: Book, held: Sequence[VenuePosition]) -> int:
        return sum(self._ask(target, book) for target in self._targets(book, held))

    def _targets(self, book: Book, held: Sequence[VenuePosition]) -> list[Target]:
        account = book.account.slug
        for scope in ("desk", f"account:{account}"):
            if scope in self.halted:
                return _whole_account(book, held, event_id=self.halted[scope])
        found: list[Target] = []
        for scope, event_id in self.halted.items():
            if scope.startswith("agent:"):
                found += _of_agent(book, source=scope, event_id=event_id)
        return found

    def _ask(self, target: Target, book: Book) -> int:
        """Ask for one closing order, unless one is under way or the last one ended a moment ago."""
        key = f"{target.account}:{target.signal_key(0)}"
        lots = _left_to_close(target, book)
        if lots <= 0 or self._waits(key, book.quantity(target.instrument)):
            return 0
        round_ = self._next_round(target, key)
        if round_ is None:
            return 0
        self.not_before[key] = time.monotonic() + min(LONGEST_PAUSE_S, 2.0 ** min(round_, 5))
        try:
            verdict = execution.submit(request=_request(target, lots, round_))
        except Busy:
            self.not_before.pop(key)  # the same round again at the next step
            return 0
        except Refused as refused:  # no order can be made of it: the other positions must not wait for it
            _tell(target, round_, str(refused))
            return 0
        if isinstance(verdict, Denied):
            reasons = [breach.reason for breach in verdict.reasons]
            _tell(target, round_, ", ".join(reasons))
            if ESCALATE in reasons:
                self.stuck_at[key] = book.quantity(target.instrument)
                self.not_before[key] = time.monotonic() + ESCALATED_PAUSE_S
        return 1

    def _waits(self, key: str, lots: Decimal) -> bool:
        """Tell whether a close is to wait; one that escalated is asked for as soon as its account moves."""
        if key in self.stuck_at and self.stuck_at[key] != lots:
            del self.stuck_at[key]
            return False
        return time.monotonic() < self.not_before.get(key, 0.0)

    def _next_round(self, target: Target, key: str) -> int | None:
        """Return the first round that has no order yet; None while the last one is not final."""
        round_ = self.rounds.get(key, 0)
        while (order := books.find_order(_order_id(target, round_))) is not None:
            if not order.status.is_final:
                return None
            round_ += 1
        self.rounds[key] = round_
        return round_


def _cancel(order_id: str, *, by: str) -> None:
    try:
        execution.cancel(client_order_id=order_id, by=by)
    except Busy as error:  # closing must not wait for it; the next step asks again
        logger.info("the cancel of %s waits: %s", order_id, error)


def _whole_account(book: Book, held: Sequence[VenuePosition], *, event_id: int) -> list[Target]:
    """Close the venue's own volume, oldest ticket first; what is not booked yet waits for reconciliation."""
    source = f"enforcement:{event_id}"
    targets = []
    for position in held:
        booked = book.quantity(position.instrument)
        lots = position.quantity if book.account.hedging else _common(position.quantity, booked)
        if lots:
            ticket = position.ticket if book.account.hedging else ""
            targets.append(
                Target(
                    event_id=event_id,
                    account=book.account.slug,
                    source=source,
                    instrument=position.instrument,
                    lots=lots,
                    ticket=ticket,
                )
            )
    return targets


def _of_agent(book: Book, *, source: str, event_id: int) -> list[Target]:
    """Close an agent's own part. Where that adds risk to the account, risk decides, and may escalate."""
    return [
        Target(
            event_id=event_id,
            account=book.account.slug,
            source=source,
            instrument=instrument,
            lots=holding.quantity,
        )
        for (owner, instrument), holding in book.virtual.items()
        if owner == source and holding.quantity
    ]


def _common(one: Decimal, other: Decimal) -> Decimal:
    """Return the smaller of two signed quantities that point the same way, else nothing."""
    if one * other <= 0:
        return NOTHING
    return one if abs(one) <= abs(other) else other


def _request(target: Target, lots: Decimal, round_: int) -> OrderRequest:
    return OrderRequest(
        account=target.account,
        source=target.source,
        instrument=target.instrument,
        side=Side.of(-target.lots),
        quantity=lots,
        reduce_only=True,
        signal_key=target.signal_key(round_),
        requested_at=clock.desk_now(),
        ticket=target.ticket,
    )


def _left_to_close(target: Target, book: Book) -> Decimal:
    """Return as many lots as may be closed now, and the venue takes at once: later rounds close the rest.

    Nothing while another close is on its way. One in doubt may have filled, but a halt does not wait the
    minute that it takes to know: what lies beyond it is closed.
    """
    others = [
        order
        for order in book.open_orders
        if order.reduce_only
        and order.instrument == target.instrument
        and target.ticket in {"", order.ticket}
        and (is_enforcement(target.source) or order.source == target.source)
    ]
    if any(not order.in_doubt for order in others):
        return NOTHING
    left = abs(target.lots) - sum((order.remaining for order in others), NOTHING)
    spec = instruments.specs().get(target.instrument)
    return min(left, spec.lot_max) if spec else left


def _tell_person(event: breakers.BreakerEventView) -> None:
    """Alert once while it lasts: an agent asks again at each bar."""
    key = f"escalation:{event.scope}:{event.by}:{event.detail.get('instrument', '')}"
    text = f"{event.scope}: {event.cause}"
    alerts.raise_alert(level="critical", rule="escalation", scope=event.scope, text=text, key=key)


def _order_id(target: Target, round_: int) -> str:
    return client_order_id(
        deployment=settings.MTQ_DEPLOYMENT,
        source=target.source,
        signal_key=target.signal_key(round_),
        leg=0,
    )


def _tell(target: Target, round_: int, reasons: str) -> None:
    logger.error("closing %s (round %d) was denied: %s", target, round_, reasons)
    alerts.raise_alert(
        level="critical",
        rule="enforcement_denied",
        scope=f"account:{target.account}",
        text=f"{target.account}: closing {target.lots} lots of {target.instrument} was denied: {reasons}",
        key=f"enforcement:{target.event_id}:{target.ticket or target.instrument}",
    )
