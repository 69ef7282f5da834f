"""What the gate reads of the database: one statement, by SQL, without Django."""

import atexit
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg

from apps.brokers.last_gate.asking import GateOrder, Refused, scopes_of

CONNECT_WITHIN_S = 1
ANSWER_WITHIN_MS = 150
AT_THE_VENUE = ["sending", "unknown", "accepted", "partially_filled", "cancel_pending", "replace_pending"]

PIVOT = "USD"
Quotes = Mapping[str, Mapping[str, str]]  # bid and ask as text, by instrument

_FACTS = """
select
  (select fence from brokers_gatewaylease where id = 1),
  (select json_object_agg(scope, json_build_array(level, epoch)) from risk_breakerstate
    where scope = any(%(scopes)s)),
  (select quantity from portfolio_position
    where account_id = a.id and instrument = %(instrument)s and source = ''),
  (select sum(quantity - filled) from portfolio_order
    where account_id = a.id and instrument = %(instrument)s and side = %(side)s and not is_entry
      and status = any(%(open)s)),
  (select price from portfolio_reservation where order_id = o.id),
  (select margin from portfolio_reservation where order_id = o.id),
  (select quotes->'used' from risk_riskreview
    where id = coalesce((o.amendment->>'review')::bigint, o.review_id)),
  a.currency, i.contract_size, i.margin_rate, i.base_currency, i.quote_currency
from portfolio_order o
join portfolio_account a on a.id = o.account_id
left join marketdata_instrument i on i.name = o.instrument
where o.client_order_id = %(order)s and a.slug = %(account)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    fence: int | None
    breakers: Mapping[str, tuple[int, int]]  # scope: level, epoch
    position: Decimal
    open_reductions: Decimal  # this order's too
    value: Decimal | None


Connection = psycopg.Connection[tuple[Any, ...]]
_idle: dict[str, list[Connection]] = {}  # by address; list operations are atomic, so no lock


def close_idle() -> None:
    """Close the connections that the gate keeps between two orders."""
    for kept in _idle.values():
        while kept:
            kept.pop().close()


atexit.register(close_idle)


@contextlib.contextmanager
def _connection(dsn: str) -> Iterator[Connection]:
    """Lend a connection. One on which anything went wrong is not kept."""
    kept = _idle.setdefault(dsn, [])
    try:
        connection = kept.pop()
    except IndexError:
        connection = psycopg.connect(
            dsn,
            autocommit=True,
            connect_timeout=CONNECT_WITHIN_S,
            application_name="mtquant-last-gate",
            options=f"-c statement_timeout={ANSWER_WITHIN_MS}",
        )
    try:
        yield connection
    except BaseException:
        connection.close()
        raise
    kept.append(connection)


def read(dsn: str, order: GateOrder) -> Facts:
    """Read everything in one statement, so that all of it is of one moment."""
    wanted = {
        "scopes": scopes_of(order),
        "instrument": order.instrument,
        "side": str(order.side),
        "open": AT_THE_VENUE,
        "order": order.client_order_id,
        "account": order.account,
    }
    with _connection(dsn) as connection:
        row = connection.execute(_FACTS, wanted).fetchone()
    if row is None:
        raise Refused("the order has no row")
    fence, breakers, position, reductions, price, margin, used, *units = row
    return Facts(
        fence=fence,
        breakers={scope: (level, epoch) for scope, (level, epoch) in (breakers or {}).items()},
        position=position or Decimal(0),
        open_reductions=reductions or Decimal(0),
        value=_value(order, _price(order, price), margin, used or {}, *units),
    )


def _price(order: GateOrder, reserved: Decimal | None) -> Decimal | None:
    """Return the larger of the order's own price and the one that room was reserved at."""
    known = [abs(price) for price in (order.price, reserved) if price is not None]
    return max(known, default=None)


def _value(
    order: GateOrder,
    price: Decimal | None,
    margin: Decimal | None,
    used: Quotes,
    currency: str,
    contract_size: Decimal | None,
    margin_rate: Decimal | None,
    base: str | None,
    quote: str | None,
) -> Decimal | None:
    """Return the order's value in the account's currency, None where it cannot be told."""
    if contract_size is None or margin_rate is None or quote is None:
        return None
    units = order.quantity * contract_size
    if base == currency and base != quote:  # a pair: its base is its unit, whatever its price
        return units
    rate = _rate(used, quote, currency)
    if rate is not None:
        return units * price * rate if price else None
    # The reserved margin is in the account's money, and its share of the value is the venue's rate at least:
    # what follows from it may be too large, and is never too small.
    return margin / margin_rate if margin and margin_rate else None


def _rate(used: Quotes, source: str, target: str) -> Decimal | None:
    """Return what a unit costs at most by the quotes that the order was judged by, at once or through USD."""
    if source == target:
        return Decimal(1)
    direct = _one_step(used, source, target)
    if direct is not None:
        return direct
    first, second = _one_step(used, source, PIVOT), _one_step(used, PIVOT, target)
    return None if first is None or second is None else first * second


def _one_step(used: Quotes, source: str, target: str) -> Decimal | None:
    direct, inverse = used.get(source + target), used.get(target + source)
    if direct is not None:
        ask = Decimal(direct["ask"])
        return ask if ask.is_finite() and ask > 0 else None
    if inverse is not None:
        bid = Decimal(inverse["bid"])
        return 1 / bid if bid.is_finite() and bid > 0 else None
    return None
