"""Rows as values that other floors may see."""

from decimal import Decimal

from apps.portfolio.domain.book import AccountView
from apps.portfolio.domain.holding import Holding
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from apps.portfolio.domain.terms import Amendment
from apps.portfolio.domain.views import FillView, OrderEventView, OrderView, PositionView
from apps.portfolio.models.accounts import Account, Position
from apps.portfolio.models.orders import Fill, Order, OrderEvent


def account_view(row: Account) -> AccountView:
    return AccountView(
        slug=row.slug,
        currency=row.currency,
        cash=row.cash,
        leverage=row.leverage,
        hedging=row.hedging,
        enabled=row.enabled,
        entries_blocked=row.entries_blocked,
        owner=row.owner,
        venue=row.venue,
        pack=row.pack,
        venue_equity=row.venue_equity,
    )


def holding_of(row: Position) -> Holding:
    return Holding(
        instrument=row.instrument,
        quantity=row.quantity,
        average_price=row.average_price,
        realized=row.realized,
    )


def position_view(row: Position) -> PositionView:
    """Return the row's value; the account should have been selected with it."""
    return PositionView(
        id=row.pk,
        account=row.account.slug,
        instrument=row.instrument,
        source=row.source,
        quantity=row.quantity,
        hedging=row.account.hedging,
    )


def order_view(row: Order) -> OrderView:
    """Return the order's value; the account should have been selected with it."""
    return OrderView(
        client_order_id=row.client_order_id,
        number=row.number,
        account=row.account.slug,
        source=row.source,
        signal_key=row.signal_key,
        leg=row.leg,
        review_id=row.review_id,
        instrument=row.instrument,
        side=Side(row.side),
        order_type=OrderType(row.order_type),
        requested_quantity=row.requested_quantity,
        quantity=row.quantity,
        filled=row.filled,
        average_price=row.average_price,
        price=row.price,
        stop_loss=row.stop_loss,
        take_profit=row.take_profit,
        reduce_only=row.reduce_only,
        is_entry=row.is_entry,
        ticket=row.ticket,
        status=OrderStatus(row.status),
        reasons=tuple(row.reasons),
        venue_order_id=row.venue_order_id,
        late_fill=row.late_fill,
        overfill=row.overfill,
        breaker_epochs=dict(row.breaker_epochs),
        owner=row.owner,
        fence=row.fence,
        boot_id=row.boot_id,
        deadline_boottime_ns=row.deadline_boottime_ns,
        lease_boot_id=row.lease_boot_id,
        lease_boottime_ns=row.lease_boottime_ns,
        requested_at=row.requested_at,
        sent_at=row.sent_at,
        unknown_at=row.unknown_at,
        created_at=row.created_at,
        client_ref=row.client_ref,
        policy=row.policy,
        revision=row.revision,
        amendment=Amendment.from_json(row.amendment) if row.amendment else None,
    )


def event_view(row: OrderEvent) -> OrderEventView:
    order = row.order
    return OrderEventView(
        id=row.id,
        client_order_id=order.client_order_id,
        account=order.account.slug,
        source=order.source,
        instrument=order.instrument,
        kind=row.kind,
        old_status=row.old_status,
        new_status=row.new_status,
        detail=row.detail,
        created_at=row.created_at,
    )


def fill_view(row: Fill) -> FillView:
    return FillView(
        client_order_id=row.order.client_order_id,
        execution_id=row.execution_id,
        venue_order_id=row.venue_order_id,
        instrument=row.instrument,
        side=Side(row.side),
        quantity=row.quantity,
        price=row.price,
        cash_change=row.profit + row.commission + row.swap + row.fee,
        profit=row.profit,
        commission=row.commission,
        swap=row.swap,
        fee=row.fee,
        reason=row.reason,
        shares={source: Decimal(lots) for source, lots in row.shares.items()},
        executed_at=row.executed_at,
    )
