"""Accounts, their curves, positions and orders at a glance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Avg, Count, F, Max, Min, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Floor

from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.models import Account, EquitySnapshot, Fill, Order, Position

CURVE_POINTS = 240
# A snapshot comes every ten seconds: so many reach back several days, and are grouped in some milliseconds.
CURVE_ROWS = 60_000
OPEN = tuple(status.value for status in OrderStatus if status.holds_room)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountGlance:
    """An account with its last snapshot; the figures are None before the first one.

    `desk_at` is the snapshot's desk time, `valued_at` the wall time at which it was taken.
    """

    slug: str
    name: str
    currency: str
    environment: str
    enabled: bool
    entries_blocked: str
    cash: Decimal
    equity: Decimal | None
    open_profit: Decimal | None
    margin_used: Decimal | None
    gross: Decimal | None
    desk_at: datetime | None
    valued_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """Some neighbouring snapshots together: their mean and both extremes, so that no dip is lost."""

    at: datetime
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCount:
    total: int
    filled: int
    denied: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    pk: int
    created_at: datetime
    source: str
    instrument: str
    side: str
    quantity: Decimal
    average_price: Decimal | None
    status: str
    reason: str


def accounts() -> list[AccountGlance]:
    """Return every account with its newest snapshot."""
    newest = EquitySnapshot.objects.filter(account=OuterRef("pk")).order_by("-id").values("id")[:1]
    rows = list(Account.objects.annotate(newest_id=Subquery(newest)))
    snapshots = EquitySnapshot.objects.in_bulk([row.newest_id for row in rows if row.newest_id])
    return [_glance(row, snapshots.get(row.newest_id)) for row in rows]


def account_names(slugs: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return name and currency of these accounts by slug."""
    rows = Account.objects.filter(slug__in=list(slugs)).values_list("slug", "name", "currency")
    return {slug: (name, currency) for slug, name, currency in rows}


def _glance(row: Account, snapshot: EquitySnapshot | None) -> AccountGlance:
    return AccountGlance(
        slug=row.slug,
        name=row.name,
        currency=row.currency,
        environment=row.environment,
        enabled=row.enabled,
        entries_blocked=row.entries_blocked,
        cash=row.cash,
        equity=snapshot.equity if snapshot else None,
        open_profit=snapshot.open_profit if snapshot else None,
        margin_used=snapshot.margin_used if snapshot else None,
        gross=snapshot.gross if snapshot else None,
        desk_at=snapshot.desk_at if snapshot else None,
        valued_at=snapshot.created_at if snapshot else None,
    )


def equity_curve(*, account: str, points: int = CURVE_POINTS) -> list[CurvePoint]:
    """Return the account's equity over its run in at most `points` + 1 groups, oldest first."""
    rows = EquitySnapshot.objects.filter(account__slug=account).exclude(equity=0)
    ends = rows.aggregate(first=Min("id"), last=Max("id"))
    if ends["first"] is None:
        return []
    first = max(ends["first"], ends["last"] - CURVE_ROWS)
    step = max(1, (ends["last"] - first) // points)
    groups = (
        rows.filter(id__gte=first)
        .annotate(group=Floor((F("id") - first) / step))
        .values("group")
        .annotate(at=Max("desk_at"), mean=Avg("equity"), low=Min("equity"), high=Max("equity"))
        .order_by("group")
    )
    return [
        CurvePoint(at=g["at"], mean=float(g["mean"]), low=float(g["low"]), high=float(g["high"]))
        for g in groups
    ]


def positions() -> dict[tuple[str, str], Decimal]:
    """Return open virtual positions in signed lots by source and instrument."""
    rows = Position.objects.exclude(source="").exclude(quantity=0)
    return {(row.source, row.instrument): row.quantity for row in rows}


def orders_by_source(*, since: datetime) -> dict[str, OrderCount]:
    """Count each source's orders asked for since an instant of desk time."""
    rows = (
        Order.objects.filter(requested_at__gte=since)
        .order_by()
        .values("source")
        .annotate(
            total=Count("id"),
            filled=Count("id", filter=Q(status=OrderStatus.FILLED)),
            denied=Count("id", filter=Q(status=OrderStatus.DENIED)),
            open=Count("id", filter=Q(status__in=OPEN)),
        )
    )
    return {
        row["source"]: OrderCount(
            total=row["total"], filled=row["filled"], denied=row["denied"], open=row["open"]
        )
        for row in rows
    }


def booked_by_source(*, since: datetime) -> dict[str, Decimal]:
    """Return what the venue booked for each source's orders since an instant of desk time, costs included."""
    money = F("profit") + F("commission") + F("swap") + F("fee")
    rows = (
        Fill.objects.filter(executed_at__gte=since)
        .order_by()
        .values("order__source")
        .annotate(booked=Sum(money))
    )
    return {row["order__source"]: row["booked"] for row in rows}


def recent_orders(*, accounts: Iterable[str], limit: int = 8) -> Sequence[OrderLine]:
    """Return the newest orders of these accounts, denied ones with their first reason."""
    return [
        OrderLine(
            pk=row.pk,
            created_at=row.created_at,
            source=row.source,
            instrument=row.instrument,
            side=row.side,
            quantity=row.quantity or row.requested_quantity,
            average_price=row.average_price,
            status=row.status,
            reason=_first_reason(row.reasons),
        )
        for row in Order.objects.filter(account__slug__in=list(accounts)).order_by("-id")[:limit]
    ]


def _first_reason(reasons: object) -> str:
    if not isinstance(reasons, list) or not reasons:
        return ""
    first = reasons[0]
    return (
        str(first.get("text") or first.get("reason") or first.get("check") or "")
        if isinstance(first, dict)
        else str(first)
    )
