"""Reads of what the desk holds. Under the account's lock, call `load` as a later statement."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.portfolio.books.loading import book_of, has_order, load, load_all
from apps.portfolio.books.reading import (
    account_view,
    event_view,
    fill_view,
    order_view,
    position_view,
)
from apps.portfolio.domain.book import AccountView, Book
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.views import (
    CashFlowView,
    FillView,
    OrderEventView,
    OrderView,
    PositionView,
    RoomView,
)
from apps.portfolio.errors import UnknownAccount, UnknownOrder
from apps.portfolio.models import (
    Account,
    CashFlow,
    Fill,
    Order,
    OrderEvent,
    Position,
    Reservation,
    ScopeShare,
)

__all__ = [
    "AccountView",
    "Book",
    "CashFlowView",
    "FillView",
    "OrderEventView",
    "OrderView",
    "PositionView",
    "RoomView",
    "book_of",
    "has_order",
    "load",
    "load_all",
]

WORKING = (
    OrderStatus.SENDING,
    OrderStatus.UNKNOWN,
    OrderStatus.ACCEPTED,
    OrderStatus.PARTIALLY_FILLED,
    OrderStatus.CANCEL_PENDING,
    OrderStatus.REPLACE_PENDING,
)


def order(client_order_id: str) -> OrderView:
    """Return one order. Raises UnknownOrder."""
    row = _orders().filter(client_order_id=client_order_id).first()
    if row is None:
        raise UnknownOrder(client_order_id)
    return order_view(row)


def find_order(client_order_id: str) -> OrderView | None:
    """Return one order, or None where there is none."""
    row = _orders().filter(client_order_id=client_order_id).first()
    return order_view(row) if row else None


def order_by_number(account_slug: str, number: int) -> OrderView | None:
    """Return the order that carries this number at the venue, if it is ours."""
    row = _orders().filter(account__slug=account_slug, number=number).first()
    return order_view(row) if row else None


def order_by_ref(account_slug: str, client_ref: str) -> OrderView | None:
    """Return the order that a client calls so, or None where there is none."""
    row = _orders().filter(account__slug=account_slug, client_ref=client_ref).first()
    return order_view(row) if row else None


def room_of(client_order_id: str) -> RoomView:
    """Return the room that an order holds. Raises UnknownOrder."""
    row = Reservation.objects.filter(order__client_order_id=client_order_id).first()
    if row is None:
        raise UnknownOrder(client_order_id)
    return RoomView(lots=row.quantity, price=row.price, margin=row.margin, uses=row.uses)


def orders_in(statuses: Collection[OrderStatus], account: str | None = None) -> list[OrderView]:
    """Return orders that stand in one of these states, oldest first."""
    rows = _orders().filter(status__in=[status.value for status in statuses]).order_by("id")
    return [order_view(row) for row in (rows.filter(account__slug=account) if account else rows)]


def working(account_slug: str) -> list[OrderView]:
    """Return what is or may be at the venue, oldest first."""
    return orders_in(WORKING, account_slug)


def account(slug: str) -> AccountView:
    """Return one account. Raises UnknownAccount."""
    row = Account.objects.filter(slug=slug).first()
    if row is None:
        raise UnknownAccount(slug)
    return account_view(row)


def accounts() -> list[AccountView]:
    return [account_view(row) for row in Account.objects.all()]


def position(account_slug: str, instrument: str) -> Decimal:
    """Return the account's signed lots of an instrument."""
    return virtual_position(account_slug, "", instrument)


def virtual_position(account_slug: str, source: str, instrument: str) -> Decimal:
    """Return a source's signed lots of an instrument."""
    rows = Position.objects.filter(account__slug=account_slug, source=source, instrument=instrument)
    quantity: Decimal | None = rows.values_list("quantity", flat=True).first()
    return quantity if quantity is not None else Decimal(0)


def find_position(position_id: int) -> PositionView | None:
    """Return one row of positions by its id, or None where there is none."""
    row = Position.objects.select_related("account").filter(pk=position_id).first()
    return position_view(row) if row else None


def figures_at() -> dict[str, datetime]:
    """Return the wall time at which each account's figures at the desk were last worked out."""
    shares = ScopeShare.objects.filter(scope="desk")
    return {slug: at for slug, at in shares.values_list("account__slug", "rebased_at") if at}


def net_positions(account_slug: str) -> list[PositionView]:
    """Return what an account holds, by instrument."""
    rows = Position.objects.select_related("account").filter(account__slug=account_slug, source="")
    return [position_view(row) for row in rows.exclude(quantity=0)]


def last_event_at(client_order_id: str) -> datetime | None:
    """Return the wall time of the newest event of an order."""
    return _newest_at(OrderEvent.objects.filter(order__client_order_id=client_order_id))


def last_account_event_at(account_slug: str) -> datetime | None:
    """Return the wall time of the newest event of any order of the account."""
    return _newest_at(OrderEvent.objects.filter(order__account__slug=account_slug))


def last_instrument_event_at(account_slug: str, instrument: str) -> datetime | None:
    """Return the wall time of the newest event of any order of the account in an instrument."""
    return _newest_at(
        OrderEvent.objects.filter(order__account__slug=account_slug, order__instrument=instrument)
    )


def events_after(
    last_id: int, kinds: Collection[str] = (), *, look_back_s: float = 0, limit: int = 500
) -> list[OrderEventView]:
    """Return events after the last one that the caller has handled, in the order of their ids.

    Two transactions may commit against the order of their ids: who must not miss one gives `look_back_s`,
    gets events of the last seconds again, and handles an event twice without harm.
    """
    wanted = Q(id__gt=last_id)
    if look_back_s:
        wanted |= Q(created_at__gt=timezone.now() - timedelta(seconds=look_back_s))
    if kinds:
        wanted &= Q(kind__in=kinds)
    rows = OrderEvent.objects.select_related("order__account").filter(wanted).order_by("id")
    return [event_view(row) for row in rows[:limit]]


def events_of(client_order_id: str) -> list[OrderEventView]:
    """Return all that happened to an order, oldest first."""
    rows = OrderEvent.objects.select_related("order__account").filter(order__client_order_id=client_order_id)
    return [event_view(row) for row in rows.order_by("id")]


def order_ids_of(intents: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], list[str]]:
    """Return the orders of intents (account, source, signal key), their legs in order, in one read."""
    if not intents:
        return {}
    slugs, sources, keys = (set(part) for part in zip(*intents, strict=True))
    rows = Order.objects.filter(account__slug__in=slugs, source__in=sources, signal_key__in=keys)
    found: dict[tuple[str, str, str], list[str]] = {}
    for slug, source, key, order_id in rows.order_by("leg").values_list(
        "account__slug", "source", "signal_key", "client_order_id"
    ):
        found.setdefault((slug, source, key), []).append(order_id)
    return found


def fills(account_slug: str) -> list[FillView]:
    """Return every booked execution of an account, in the order of booking."""
    rows = Fill.objects.select_related("order").filter(account__slug=account_slug).order_by("id")
    return [fill_view(row) for row in rows.iterator()]


def cash_flows(account_slug: str) -> list[CashFlowView]:
    """Return all money of an account that no trade moved, in the order of booking."""
    rows = CashFlow.objects.filter(account__slug=account_slug).order_by("id")
    return [
        CashFlowView(movement_id=row.movement_id, amount=row.amount, kind=row.kind, moved_at=row.moved_at)
        for row in rows
    ]


def booked_executions(account_slug: str, execution_ids: Iterable[str]) -> set[str]:
    """Return which of these executions are booked already."""
    rows = Fill.objects.filter(account__slug=account_slug, execution_id__in=list(execution_ids))
    return set(rows.values_list("execution_id", flat=True))


def _newest_at(events: QuerySet[OrderEvent]) -> datetime | None:
    newest: datetime | None = events.order_by("-id").values_list("created_at", flat=True).first()
    return newest


def _orders() -> QuerySet[Order]:
    return Order.objects.select_related("account")
