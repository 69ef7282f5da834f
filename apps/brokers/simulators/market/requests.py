"""A client's request in MT5's vocabulary, and the retcode with which a venue refuses it."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.brokers.simulators.market.accounts import Account, Position
from apps.brokers.simulators.market.instruments import InstrumentRecord
from apps.brokers.simulators.market.ticks import Quote

DEAL, PENDING, SLTP, MODIFY, REMOVE = 1, 5, 6, 7, 8
BUY, SELL, BUY_LIMIT, SELL_LIMIT, BUY_STOP, SELL_STOP = range(6)
FOK, IOC, RETURN = range(3)
GTC, DAY, SPECIFIED, SPECIFIED_DAY = range(4)
COMMENT_LENGTH = 31

RETCODES = {
    0: "Done",
    10004: "Requote",
    10006: "Request rejected",
    10008: "Order placed",
    10009: "Request executed",
    10010: "Request executed partially",
    10013: "Invalid request",
    10014: "Invalid volume",
    10015: "Invalid price",
    10016: "Invalid stops",
    10018: "Market closed",
    10019: "No money",
    10021: "No prices",
    10022: "Invalid expiration",
    10025: "No changes",
    10030: "Unsupported filling mode",
    10035: "Invalid order type",
    10036: "Position doesn't exist",
    10038: "Invalid close volume",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Prices and volume are exact decimals; zero means absent, as in MT5."""

    action: int
    symbol: str = ""
    volume: Decimal = Decimal(0)
    type: int = BUY
    price: Decimal = Decimal(0)
    sl: Decimal = Decimal(0)
    tp: Decimal = Decimal(0)
    type_filling: int = IOC
    type_time: int = GTC
    expires_s: int | None = None
    magic: int = 0
    comment: str = ""
    order: int = 0
    position: int = 0

    @property
    def side(self) -> int:
        """+1 for the types that buy, -1 for those that sell."""
        return 1 if self.type % 2 == 0 else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    retcode: int
    deal: int = 0
    order: int = 0
    volume: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    bid: Decimal = Decimal(0)
    ask: Decimal = Decimal(0)

    @property
    def comment(self) -> str:
        return RETCODES.get(self.retcode, f"Unknown retcode {self.retcode}")


def exact(number: Any) -> Decimal:
    """Read a JSON number without binary noise; raises ValueError for what is not finite."""
    try:
        value = Decimal(repr(number)) if isinstance(number, float) else Decimal(str(number or 0))
    except InvalidOperation as wrong:
        raise ValueError(f"{number!r} is not a number") from wrong
    if not value.is_finite():
        raise ValueError(f"{number!r} is not finite")
    return value or Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a request is judged against."""

    request: Request
    account: Account
    record: InstrumentRecord
    quote: Quote | None
    is_open: bool
    now_s: int


def _market(s: Setting) -> int:
    if not s.is_open:
        return 10018
    return 0 if s.quote else 10021


def _form(s: Setting) -> int:
    if len(s.request.comment) > COMMENT_LENGTH or not -(2**63) <= s.request.magic < 2**63:
        return 10013
    deal = s.request.action == DEAL
    allowed = (BUY, SELL) if deal else (BUY_LIMIT, SELL_LIMIT, BUY_STOP, SELL_STOP)
    if s.request.type not in allowed:
        return 10035
    # RETURN has no bit in the mask: market execution refuses it, pending orders take it.
    return 0 if s.request.type_filling in ((FOK, IOC) if deal else (FOK, IOC, RETURN)) else 10030


def _volume(s: Setting) -> int:
    volume, record = s.request.volume, s.record
    fits = record.volume_min <= volume <= record.volume_max and volume % record.volume_step == 0
    return 0 if fits else 10014


def _price(s: Setting) -> int:
    """Want a limit on the better side of the market, a stop on the worse one, each at its distance."""
    if s.request.action == DEAL or s.quote is None:
        return 0
    gap, price = s.record.stops_level * s.record.point, s.request.price
    if price <= 0 or price % s.record.point:
        return 10015
    ask, bid = s.quote.ask, s.quote.bid
    fits = {
        BUY_LIMIT: price <= ask - gap,
        SELL_LIMIT: price >= bid + gap,
        BUY_STOP: price >= ask + gap,
        SELL_STOP: price <= bid - gap,
    }
    return 0 if fits[s.request.type] else 10015


def _stops(s: Setting) -> int:
    if s.quote is None:
        return 0
    base = s.request.price
    if s.request.action == DEAL:
        base = s.quote.bid if s.request.side > 0 else s.quote.ask
    return stops_fault(s.record, s.request.side, base, s.request.sl, s.request.tp)


def stops_fault(record: InstrumentRecord, side: int, base: Decimal, sl: Decimal, tp: Decimal) -> int:
    """Return 10016 when a stop lies nearer than the venue allows, or on the wrong side, of `base`."""
    gap = record.stops_level * record.point
    if sl < 0 or tp < 0 or sl % record.point or tp % record.point:
        return 10016
    wrong_sl = sl and (base - sl) * side < gap
    wrong_tp = tp and (tp - base) * side < gap
    return 10016 if wrong_sl or wrong_tp else 0


def _expiration(s: Setting) -> int:
    if s.request.action == DEAL or s.request.type_time in {GTC, DAY}:
        return 0
    return 0 if s.request.expires_s and s.request.expires_s > s.now_s else 10022


def _target(s: Setting) -> int:
    """Let an order that names a position close it, never more."""
    if not s.request.position or s.request.action != DEAL:
        return 0
    held = s.account.positions.get(s.request.position)
    if held is None or held.symbol != s.request.symbol:
        return 10036
    if (held.volume > 0) == (s.request.side > 0):
        return 10013
    return 0 if s.request.volume <= abs(held.volume) else 10038


CHECKS: tuple[Callable[[Setting], int], ...] = (_market, _form, _target, _volume, _price, _stops, _expiration)


def refusal(setting: Setting) -> int:
    """Return the first retcode that refuses the request, or 0."""
    return next((code for check in CHECKS if (code := check(setting))), 0)


def closed_by(request: Request, account: Account) -> Position | None:
    """Return the position that this deal meets."""
    if account.margin_mode == "netting":
        return account.net(request.symbol)
    return account.positions.get(request.position)
