"""What REST and sockets send of orders, fills and positions: one shape each, made of plain rows."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from apps.edges import people
from apps.edges.shapes import amount, instant
from apps.marketdata import clock, instruments, quotes
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.marketdata.errors import MarketDataError
from apps.portfolio.domain.rates import convert
from apps.portfolio.errors import NoRate, UnknownOrder
from apps.portfolio.models import OPEN, Fill, Order, Position

Row = Mapping[str, Any]
Body = dict[str, Any]

ORDER_COLUMNS = (
    "id", "client_order_id", "account__slug", "account__environment", "source", "instrument", "side",
    "order_type", "quantity", "requested_quantity", "filled", "average_price", "price", "stop_loss",
    "take_profit", "reduce_only", "is_entry", "status", "reasons", "venue_order_id", "requested_at",
    "created_at", "client_ref", "revision",
)  # fmt: skip
FILL_COLUMNS = (
    "id", "execution_id", "order__client_order_id", "order__source", "account__slug", "instrument", "side",
    "quantity", "price", "profit", "commission", "swap", "fee", "executed_at",
)  # fmt: skip
POSITION_COLUMNS = (
    "id", "account__slug", "account__currency", "instrument", "source", "quantity", "average_price",
)  # fmt: skip
REASON_KEYS = ("check", "reason", "text", "value", "limit", "unit")


def order_rows() -> QuerySet[Order, dict[str, Any]]:
    """Return all orders as the rows that `order_of` reads, newest first."""
    rows: QuerySet[Order, dict[str, Any]] = Order.objects.order_by("-id").values(*ORDER_COLUMNS)
    return rows


def order_of(row: Row) -> Body:
    """Return the body of one order. `created_at` is wall time, `requested_at` desk time."""
    return {
        "id": row["client_order_id"],
        "account": row["account__slug"],
        "source": row["source"],
        "source_name": people.name_of(row["source"]),
        "instrument": row["instrument"],
        "side": row["side"],
        "type": row["order_type"],
        "quantity": amount(row["quantity"]),
        "requested_quantity": amount(row["requested_quantity"]),
        "filled": amount(row["filled"]),
        "average_price": amount(row["average_price"]),
        "price": amount(row["price"]),
        "stop_loss": amount(row["stop_loss"]),
        "take_profit": amount(row["take_profit"]),
        "reduce_only": row["reduce_only"],
        "status": row["status"],
        "reasons": [_reason(reason) for reason in row["reasons"] if isinstance(reason, Mapping)],
        "venue_order_id": row["venue_order_id"],
        "requested_at": instant(row["requested_at"]),
        "created_at": instant(row["created_at"]),
        "environment": row["account__environment"],
        "kind": "entry" if row["is_entry"] else "exit",
        "client_ref": row["client_ref"],
        "revision": row["revision"],
    }


def _reason(reason: Mapping[str, Any]) -> Body:
    found = {key: reason.get(key) for key in REASON_KEYS}
    return {
        key: value if value is not None or key in {"value", "limit"} else "" for key, value in found.items()
    }


def order_body(client_order_id: str) -> Body:
    """Return one order. Raises UnknownOrder."""
    row = order_rows().filter(client_order_id=client_order_id).first()
    if row is None:
        raise UnknownOrder(client_order_id)
    return order_of(row)


def orders(*, account: str, limit: int = 50) -> list[Body]:
    """Return what works at the venue or waits for it, and beside that the newest `limit` orders."""
    rows = order_rows().filter(account__slug=account)
    found = {row["id"]: row for row in [*rows.filter(status__in=OPEN), *rows[:limit]]}
    return [order_of(found[key]) for key in sorted(found, reverse=True)]


def fill_rows() -> QuerySet[Fill, dict[str, Any]]:
    """Return all fills as the rows that `fill_of` reads, newest first."""
    rows: QuerySet[Fill, dict[str, Any]] = Fill.objects.order_by("-id").values(*FILL_COLUMNS)
    return rows


def fill_of(row: Row) -> Body:
    """Return the body of one fill; money is in the account's currency, `executed_at` desk time."""
    return {
        "id": row["execution_id"],
        "order": row["order__client_order_id"],
        "account": row["account__slug"],
        "instrument": row["instrument"],
        "side": row["side"],
        "quantity": amount(row["quantity"]),
        "price": amount(row["price"]),
        "profit": amount(row["profit"]),
        "commission": amount(row["commission"]),
        "swap": amount(row["swap"]),
        "cash_change": amount(row["profit"] + row["commission"] + row["swap"] + row["fee"]),
        "executed_at": instant(row["executed_at"]),
        "source": row["order__source"],
    }


def fills(*, account: str = "", order: str = "", limit: int = 50) -> list[Body]:
    """Return the newest fills of an account or of an order (by its client order id)."""
    rows = fill_rows()
    if account:
        rows = rows.filter(account__slug=account)
    if order:
        rows = rows.filter(order__client_order_id=order)
    return [fill_of(row) for row in rows[:limit]]


def positions(accounts: Iterable[str]) -> list[Body]:
    """Return what these accounts hold, the net row (`source` empty) before the rows of its sources.

    Marked at the price that would close it; without a quote to rely on the last one, called stale.
    """
    rows = (
        Position.objects.filter(account__slug__in=list(accounts))
        .exclude(quantity=0)
        .order_by("account__slug", "instrument", "source")
        .values(*POSITION_COLUMNS)
    )
    found = list(rows)
    market = _Market.of({row["instrument"] for row in found}) if found else None
    return [_position(row, market) for row in found if market]


def position_bodies(account: str) -> list[Body]:
    """Return what one account holds."""
    return positions([account])


class _Market:
    """Quotes of any age, those to rely on, and instruments, as far as they can be read."""

    def __init__(
        self, latest: Mapping[str, Quote], fresh: Mapping[str, Quote], specs: Mapping[str, InstrumentSpec]
    ) -> None:
        self.latest, self.fresh, self.specs = latest, fresh, specs

    @classmethod
    def of(cls, names: set[str]) -> "_Market":
        try:
            specs = instruments.specs()
            wanted = names | set(specs)  # others turn profit into the account's currency
            return cls(quotes.latest(names), quotes.fresh(wanted, now=clock.desk_now()), specs)
        except MarketDataError:
            return cls({}, {}, {})


def _position(row: Row, market: _Market) -> Body:
    name, lots = row["instrument"], row["quantity"]
    stale = name not in market.fresh
    quote = market.fresh.get(name) or market.latest.get(name)
    mark = None if quote is None else quote.bid if lots > 0 else quote.ask
    profit, currency = _profit(row, mark, market)
    return {
        "id": row["id"],
        "account": row["account__slug"],
        "instrument": name,
        "source": row["source"],
        "quantity": amount(lots),
        "average_price": amount(row["average_price"]),
        "mark": amount(mark),
        "open_profit": amount(profit),
        "profit_currency": currency,
        "stale": stale,
    }


def _profit(row: Row, mark: Decimal | None, market: _Market) -> tuple[Decimal | None, str]:
    """Return the open profit in the account's currency, in the quote currency where no rate is fresh."""
    spec, target = market.specs.get(row["instrument"]), row["account__currency"]
    if mark is None or spec is None:
        return None, target
    profit = (mark - row["average_price"]) * row["quantity"] * spec.contract_size
    try:
        converted = convert(profit, source=spec.quote_currency, target=target, quotes=market.fresh)
    except NoRate:
        return round(profit, 2), spec.quote_currency
    return round(converted, 2), target
