"""Requests that move money: how an order is written, and what the answer proves."""

import time
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from apps.brokers.adapters.base import VenueOrder
from apps.brokers.adapters.mt5 import parse
from apps.brokers.adapters.mt5.answers import ToolRefusedError, as_records, payload_of
from apps.brokers.adapters.mt5.retcodes import ASK_AN_OPERATOR, SLOW_DOWN, Proof
from apps.brokers.adapters.mt5.session import Mt5Session, read
from apps.brokers.errors import NotSent, OutcomeUnknown, Unsupported, VenueRejected, VenueUnavailable
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from apps.portfolio.domain.report import ExecutionReport, ReportedFill

DEAL, PENDING, MODIFY, REMOVE = 1, 5, 7, 8
TYPES = {
    (OrderType.MARKET, Side.BUY): 0,
    (OrderType.MARKET, Side.SELL): 1,
    (OrderType.LIMIT, Side.BUY): 2,
    (OrderType.LIMIT, Side.SELL): 3,
    (OrderType.STOP, Side.BUY): 4,
    (OrderType.STOP, Side.SELL): 5,
}
FOK, IOC, RETURN = 0, 1, 2
FOK_BIT, IOC_BIT = 1, 2
INSTANT = {0, 1}  # trade_exemode in which price and deviation decide
FIRST_BYTE_WITHIN_S = 0.2  # after the last gate; older is not sent
GOOD_TILL_CANCELLED = 0
Record = dict[str, Any]


def filling(record: Record, *, is_pending: bool) -> int:
    """Choose the filling mode: the symbol's mask names FOK and IOC; pending orders rest by RETURN."""
    if is_pending:
        return RETURN
    mask = int(record.get("filling_mode") or 0)
    if mask & IOC_BIT:
        return IOC
    return FOK if mask & FOK_BIT else RETURN


def request_of(order: VenueOrder, record: Record, *, hedging: bool, deviation: int) -> Record:
    """Write an order in MT5's words. Prices and volume leave as the floats that stand for them."""
    is_pending = order.order_type is not OrderType.MARKET
    request: Record = {
        "action": PENDING if is_pending else DEAL,
        "symbol": order.symbol,
        "volume": float(order.quantity),
        "type": TYPES[order.order_type, order.side],
        "type_filling": filling(record, is_pending=is_pending),
        "type_time": GOOD_TILL_CANCELLED,
        "magic": order.number,
        "comment": order.client_order_id[:24],
    }
    prices = {"price": order.price, "sl": order.stop_loss, "tp": order.take_profit}
    request |= {name: float(price) for name, price in prices.items() if price is not None}
    if int(record.get("trade_exemode") or 0) in INSTANT and not is_pending:
        request["deviation"] = deviation
    if hedging and order.ticket:
        request["position"] = int(order.ticket)
    return request


class Trader:
    """Sends once and says what is proven: NotSent, VenueRejected, else OutcomeUnknown."""

    def __init__(self, session: Mt5Session) -> None:
        self._session = session

    async def submit(self, order: VenueOrder) -> ExecutionReport:
        write_by = time.monotonic() + FIRST_BYTE_WITHIN_S
        request = self._checked(order)
        answer = await self._send(request, write_by)
        placed = str(answer.order) if answer.order else ""
        fills = await self._fills_of(answer.order, order)
        status = after_submit(order, fills, partly=answer.proof is Proof.PARTLY)
        return ExecutionReport(
            client_order_id=order.client_order_id,
            status=status,
            venue_order_id=placed,
            fills=tuple(fills),
            code=str(answer.retcode),
            text=answer.text,
            reported_at=self._session.now(),
        )

    async def amend(self, order: VenueOrder, venue_order_id: str, *, changes: Collection[str]) -> None:
        """Change price, stop and target of a pending order. Raise Unsupported, and like `submit`."""
        cannot = sorted(set(changes) - set(self._session.facts.capabilities.amend))
        if cannot:
            raise Unsupported(f"this venue cannot change the {', '.join(cannot)} of a resting order")
        write_by = time.monotonic() + FIRST_BYTE_WITHIN_S
        placed = self._checked(order)
        # What is left out is taken off the order: the request names all of its prices.
        kept: Record = {
            name: placed[name] for name in ("symbol", "type_time", "price", "sl", "tp") if name in placed
        }
        await self._send({"action": MODIFY, "order": int(venue_order_id), **kept}, write_by)

    async def cancel(self, venue_order_id: str) -> None:
        """Take a working order back. Raise like `submit`; a rejection may mean that it is done already."""
        write_by = time.monotonic() + FIRST_BYTE_WITHIN_S
        await self._send({"action": REMOVE, "order": int(venue_order_id)}, write_by)

    def _checked(self, order: VenueOrder) -> Record:
        """Refuse here what would be our own mistake: VenueRejected, since trying again would not mend it."""
        session = self._session
        try:
            spec, facts = session.spec(order.instrument), session.facts
        except VenueUnavailable as error:
            raise NotSent(str(error)) from error
        if facts.symbol_of[order.instrument] != order.symbol:
            raise _unfit(
                f"{order.instrument} is {facts.symbol_of[order.instrument]} here, not {order.symbol}"
            )
        if not spec.fits_step(order.quantity) or order.quantity <= 0:
            raise _unfit(f"{order.quantity} lots do not fit the step {spec.lot_step} of {order.instrument}")
        prices = (order.price, order.stop_loss, order.take_profit)
        if any(price is not None and price % spec.tick_size for price in prices):
            raise _unfit(f"a price of {order.client_order_id} is not on the tick {spec.tick_size}")
        if order.order_type is not OrderType.MARKET and order.price is None:
            raise _unfit(f"a {order.order_type} order needs a price")
        return request_of(
            order,
            facts.records[order.symbol],
            hedging=facts.account.hedging,
            deviation=session.settings.deviation_points,
        )

    async def _send(self, request: Record, write_by: float) -> parse.TradeAnswer:
        session = self._session
        result = await session.order(request, timeout_s=session.settings.order_timeout_s, write_by=write_by)
        try:
            answer = parse.trade_answer(payload_of(result))
        except ToolRefusedError as error:
            session.notice(str(error))
            answer = parse.trade_answer(None, str(error))
        except (ValueError, KeyError, TypeError) as error:
            raise OutcomeUnknown(f"the answer cannot be read: {error!r}") from error
        if answer.retcode in SLOW_DOWN | ASK_AN_OPERATOR:
            session.complain(answer.text)
        if answer.proof is Proof.REFUSED:
            raise VenueRejected(str(answer.retcode), answer.text)
        if answer.proof is Proof.UNKNOWN:
            raise OutcomeUnknown(answer.text)
        return answer

    async def _fills_of(self, placed: int, order: VenueOrder) -> list[ReportedFill]:
        """Read the deals of an order just placed. None yet, or no answer: reconciliation brings them."""
        if not placed or order.order_type is not OrderType.MARKET:
            return []
        try:
            records = as_records(await self._session.ask("deals", ticket=placed))
            names = self._session.facts.names
            found = read("deals", lambda: [parse.fill(r, names) for r in records if parse.is_trade(r)])
        except VenueUnavailable:
            return []
        return once(found)


def _unfit(text: str) -> VenueRejected:
    return VenueRejected("not_sent", text)


def once(fills: Sequence[ReportedFill]) -> list[ReportedFill]:
    """Drop repetitions: some servers answer a deal twice."""
    return list({fill.execution_id: fill for fill in fills}.values())


def filled_by(fills: Sequence[ReportedFill]) -> Decimal:
    return sum((fill.quantity for fill in fills), Decimal(0))


def after_submit(order: VenueOrder, fills: Sequence[ReportedFill], *, partly: bool) -> OrderStatus:
    """Say where an order stands that the venue took, as far as its deals are known."""
    filled = filled_by(fills)
    if filled >= order.quantity:
        return OrderStatus.FILLED
    if filled and partly:
        return OrderStatus.CANCELLED  # the rest of it; what was filled stands
    return OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.ACCEPTED
