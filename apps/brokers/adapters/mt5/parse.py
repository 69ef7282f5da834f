"""MT5 records to our values: pure, and loud about what does not fit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from apps.brokers.adapters.base import SymbolRecord, VenueAccount, VenuePosition, WorkingOrder
from apps.brokers.adapters.mt5.numbers import (
    BadPayloadError,
    decimal,
    event_time,
    integer,
    money,
    on_step,
    plain,
    price_or_none,
)
from apps.brokers.adapters.mt5.retcodes import Proof, meaning
from apps.brokers.adapters.mt5.server_clock import ServerClock
from apps.marketdata.domain.bar import SIDES, BarWindow, FloatArray, Timeframe
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.portfolio.domain.order import OrderStatus, Side
from apps.portfolio.domain.report import CashMovement, FillReason, ReportedFill
from apps.portfolio.domain.terms import Terms

Record = dict[str, Any]

DEMO, HEDGING = 0, 2
BUY, SELL = 0, 1
REASONS = {4: FillReason.STOP_LOSS, 5: FillReason.TAKE_PROFIT, 6: FillReason.STOP_OUT}
CASH_KINDS = {2: "balance", 3: "credit", 4: "charge", 5: "correction", 6: "bonus", 7: "commission"}
STATES = {
    0: OrderStatus.ACCEPTED,
    1: OrderStatus.ACCEPTED,
    2: OrderStatus.CANCELLED,
    3: OrderStatus.PARTIALLY_FILLED,
    4: OrderStatus.FILLED,
    5: OrderStatus.REJECTED,
    6: OrderStatus.EXPIRED,
    7: OrderStatus.ACCEPTED,  # being registered
    8: OrderStatus.ACCEPTED,  # being changed
    9: OrderStatus.ACCEPTED,  # being cancelled
}
_RETCODE = re.compile(r"'retcode': (\d+)")


def account(record: Record) -> VenueAccount:
    return VenueAccount(
        login=str(integer(record, "login")),
        currency=str(record["currency"]),
        balance=money(record["balance"], name="balance"),
        equity=money(record["equity"], name="equity"),
        margin=money(record.get("margin", 0), name="margin"),
        hedging=integer(record, "margin_mode", 0) == HEDGING,
        trade_allowed=bool(record.get("trade_allowed", True)),
    )


def symbol(record: Record, *, leverage: int) -> SymbolRecord:
    """Read a symbol. What the record leaves open is a complaint, not a guess."""
    spec, complaint = None, ""
    try:
        spec = _spec(record, leverage=leverage)
    except BadPayloadError as error:
        complaint = str(error)
    return SymbolRecord(
        symbol=str(record["name"]),
        currency_base=str(record.get("currency_base") or ""),
        currency_profit=str(record.get("currency_profit") or ""),
        spec=spec,
        complaint=complaint,
    )


def _spec(record: Record, *, leverage: int) -> InstrumentSpec:
    tick = _first(record, "trade_tick_size", "tick_size", "point")
    rate = record.get("margin_rate")
    return InstrumentSpec(
        name=str(record["name"]),
        base_currency=str(record["currency_base"]),
        quote_currency=str(record["currency_profit"]),
        contract_size=_first(record, "trade_contract_size", "contract_size"),
        tick_size=tick,
        lot_step=_first(record, "volume_step"),
        lot_min=_first(record, "volume_min"),
        lot_max=_first(record, "volume_max"),
        margin_rate=decimal(rate, name="margin_rate") if rate else Decimal(1) / leverage,
    )


def _first(record: Record, *names: str) -> Decimal:
    """Return the first of several fields that is given. Each of them must be above zero."""
    for name in names:
        if record.get(name) is not None:
            value = decimal(record[name], name=name)
            if value <= 0:
                raise BadPayloadError(f"{name} is {value}")
            return plain(value)
    raise BadPayloadError(f"the venue does not say {names[0]}")


def quote(record: Record, spec: InstrumentSpec, server: ServerClock) -> Quote | None:
    """Read a tick; None where a side has no sound price."""
    bid, ask = (
        price_or_none(record.get(side), spec.tick_size, allows_negative=spec.allows_negative_price)
        for side in ("bid", "ask")
    )
    if bid is None or ask is None:
        return None
    return Quote(instrument=spec.name, bid=bid, ask=ask, quote_at=event_time(record, server))


def bars(
    records: Sequence[Record], spec: InstrumentSpec, timeframe: Timeframe, server: ServerClock
) -> tuple[BarWindow, int]:
    """Read bid bars and their spread in points as wide bars; return them and how many were unsound."""
    good: dict[Any, tuple[float, ...]] = {}
    for record in records:
        row = _bar(record, spec)
        if row is not None:
            at = event_time(record, server).replace(tzinfo=None)
            good[np.datetime64(at, "us")] = row
    times = sorted(good)
    table = np.array([good[at] for at in times], dtype=np.float64).reshape(len(times), 6)
    bid, spread, volume = table[:, :4], table[:, 4:5] * float(spec.tick_size), table[:, 5]
    digits = -int(spec.tick_size.normalize().as_tuple().exponent)
    wide: FloatArray = np.hstack([bid, np.round(bid + spread, max(digits, 0))])
    window = BarWindow(
        instrument=spec.name,
        timeframe=timeframe,
        open_at=np.array(times, dtype="datetime64[us]"),
        volume=volume,
        **{name: wide[:, place] for place, name in enumerate(SIDES)},
    )
    return window, len(records) - len(good)


def _bar(record: Record, spec: InstrumentSpec) -> tuple[float, ...] | None:
    try:
        opened, high, low, close = (float(record[part]) for part in ("open", "high", "low", "close"))
        spread, volume = float(record.get("spread") or 0), float(record.get("tick_volume") or 0)
    except (KeyError, TypeError, ValueError):
        return None
    row = (opened, high, low, close, spread, volume)
    is_sound = np.isfinite(row).all() and low <= min(opened, close) and high >= max(opened, close)
    return row if is_sound and (low > 0 or spec.allows_negative_price) and spread >= 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the venue calls our instruments, as mapped at connect."""

    specs: Mapping[str, InstrumentSpec]  # by symbol; the spec's name is the instrument
    server: ServerClock

    def instrument(self, symbol: str) -> str:
        """Return our name; a symbol that is not mapped keeps its own: its money counts all the same."""
        spec = self.specs.get(symbol)
        return spec.name if spec else symbol

    def on_tick(self, value: Decimal, symbol: str) -> Decimal:
        spec = self.specs.get(symbol)
        return on_step(value, spec.tick_size) if spec else value

    def lots(self, value: Any, symbol: str) -> Decimal:
        number, spec = decimal(value, name="volume"), self.specs.get(symbol)
        return on_step(number, spec.lot_step) if spec else number


def position(record: Record, names: Names) -> VenuePosition:
    name = str(record["symbol"])
    sign = 1 if integer(record, "type") == BUY else -1
    return VenuePosition(
        ticket=str(integer(record, "ticket")),
        instrument=names.instrument(name),
        quantity=names.lots(record["volume"], name) * sign,
        price=decimal(record["price_open"], name="price_open"),  # an average, finer than a tick
        swap=money(record.get("swap", 0), name="swap"),
        profit=money(record.get("profit", 0), name="profit"),
    )


def order(record: Record, names: Names) -> WorkingOrder:
    """Read an order, working or done; `filled` is what its record says is no longer open."""
    name = str(record["symbol"])
    total = names.lots(record["volume_initial"], name)
    left = names.lots(record["volume_current"], name)
    status = STATES.get(integer(record, "state"), OrderStatus.ACCEPTED)
    if status is OrderStatus.ACCEPTED and left < total:
        status = OrderStatus.PARTIALLY_FILLED
    return WorkingOrder(
        venue_order_id=str(integer(record, "ticket")),
        number=integer(record, "magic", 0),
        instrument=names.instrument(name),
        side=Side.BUY if integer(record, "type") % 2 == BUY else Side.SELL,
        quantity=total,
        filled=total - left,
        status=status,
        terms=_terms(record, names, total),
    )


def _terms(record: Record, names: Names, lots: Decimal) -> Terms:
    price, stop_loss, take_profit = (
        names.on_tick(value, str(record["symbol"])) if value else None
        for value in (decimal(record.get(name) or 0, name=name) for name in ("price_open", "sl", "tp"))
    )
    return Terms(quantity=lots, price=price, stop_loss=stop_loss, take_profit=take_profit)


def is_trade(record: Record) -> bool:
    return integer(record, "type") in {BUY, SELL}


def fill(record: Record, names: Names) -> ReportedFill:
    """Read a deal. What a stop or the venue closed carries our number too, and is no fill of that order."""
    name = str(record["symbol"])
    number = integer(record, "magic", 0)
    reason = REASONS.get(integer(record, "reason", 0))
    if reason is not None:
        number = 0
    return ReportedFill(
        execution_id=str(integer(record, "ticket")),
        venue_order_id=str(integer(record, "order", 0)),
        venue_position_id=str(integer(record, "position_id", 0)),
        client_number=number,
        instrument=names.instrument(name),
        side=Side.BUY if integer(record, "type") == BUY else Side.SELL,
        quantity=names.lots(record["volume"], name),
        price=names.on_tick(decimal(record["price"], name="price"), name),
        profit=money(record["profit"], name="profit"),
        commission=money(record.get("commission", 0), name="commission"),
        swap=money(record.get("swap", 0), name="swap"),
        fee=money(record.get("fee", 0), name="fee"),
        executed_at=event_time(record, names.server),
        reason=reason or (FillReason.ORDER if number else FillReason.EXTERNAL),
    )


def cash(record: Record, names: Names) -> CashMovement:
    kind = integer(record, "type")
    return CashMovement(
        movement_id=str(integer(record, "ticket")),
        amount=money(record["profit"], name="profit"),
        moved_at=event_time(record, names.server),
        kind=CASH_KINDS.get(kind, f"type {kind}"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeAnswer:
    """What order_send came back with, and what that proves."""

    proof: Proof
    retcode: int | None
    text: str
    order: int = 0


def trade_answer(payload: Any, error_text: str = "") -> TradeAnswer:
    """Read a result record, or the text of a refusal, in which it stands as Python would print it."""
    if isinstance(payload, dict) and "retcode" in payload:
        retcode: int | None = integer(payload, "retcode")
        placed = integer(payload, "order", 0)
    else:
        match = _RETCODE.search(error_text)
        retcode, placed = (int(match.group(1)) if match else None), 0
    proof, text = meaning(retcode)
    if retcode is None:
        text = error_text.strip().splitlines()[0][:200] if error_text.strip() else "no result"
    return TradeAnswer(proof=proof, retcode=retcode, text=text, order=placed)
