"""The venue's facts as MT5 records: plain JSON numbers, times in server time written as if it were UTC."""

from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from apps.brokers.simulators.market import sessions
from apps.brokers.simulators.market.accounts import Account, Deal, Order, Position
from apps.brokers.simulators.market.instruments import CATALOGUE
from apps.brokers.simulators.market.requests import Result
from apps.brokers.simulators.market.triggers import CALL_PERCENT, STOP_OUT_PERCENT
from apps.brokers.simulators.market.valuation import NoRateError, Worth, convert, floating
from apps.brokers.simulators.market.venue import Venue

Record = dict[str, Any]
REASONS = {"client": 0, "expert": 3, "sl": 4, "tp": 5, "so": 6}
ENTRIES = {"in": 0, "out": 1, "inout": 2}
DEAL_TYPES = {"buy": 0, "sell": 1, "balance": 2}
COMPANY = "MTQuant simulated venue"


class Records:
    """Builds records for one venue and one server time zone."""

    def __init__(self, venue: Venue, zone: str) -> None:
        self._venue = venue
        self.zone = zone

    @property
    def server(self) -> str:
        return f"MTQuant-{self._venue.source.market.capitalize()}"

    def offset_s(self, at_s: int) -> int:
        return sessions.offset_s(self.zone, at_s // sessions.DAY_S)

    def seconds(self, at_s: int) -> int:
        """Server time of an instant."""
        return at_s + self.offset_s(at_s)

    def _msc(self, at_us: int) -> int:
        return at_us // 1000 + self.offset_s(at_us // 1_000_000) * 1000

    def account(self, account: Account, now: Worth) -> Record:
        return {
            "login": account.login,
            "trade_mode": 0,
            "leverage": account.leverage,
            "limit_orders": 0,
            "margin_so_mode": 0,
            "trade_allowed": True,
            "trade_expert": True,
            "margin_mode": 0 if account.margin_mode == "netting" else 2,
            "currency_digits": 2,
            "fifo_close": False,
            "balance": float(now.balance),
            "credit": 0.0,
            "profit": float(now.profit),
            "equity": float(now.equity),
            "margin": float(now.margin),
            "margin_free": float(now.free),
            "margin_level": float(now.level),
            "margin_so_call": float(CALL_PERCENT),
            "margin_so_so": float(STOP_OUT_PERCENT),
            "margin_initial": 0.0,
            "margin_maintenance": 0.0,
            "assets": 0.0,
            "liabilities": 0.0,
            "commission_blocked": 0.0,
            "name": f"Paper account, {self._venue.source.market} prices",
            "server": self.server,
            "currency": account.currency,
            "company": COMPANY,
        }

    def symbol(self, name: str, currency: str, *, visible: bool) -> Record:
        record, digits = CATALOGUE[name], self._venue.source.digits[name]
        quote, point = self._venue.quotes.get(name), Decimal(1).scaleb(-digits)
        return {
            "name": name,
            "description": record.description,
            "path": f"{self._venue.source.market}\\{record.kind}\\{name}",
            "select": visible,
            "visible": visible,
            "market_open": self._venue.is_open(name),
            "time": self.seconds(quote.at_s) if quote else 0,
            "digits": digits,
            "point": float(point),
            "spread": int((quote.ask - quote.bid) / point) if quote else 0,
            "spread_float": True,
            "trade_calc_mode": 0 if record.kind == "fx" else 2,
            "trade_mode": 4,
            "trade_exemode": 2,
            "trade_stops_level": record.stops_level,
            "trade_freeze_level": 0,
            "filling_mode": 3,
            "expiration_mode": 15,
            "order_mode": 127,
            "order_gtc_mode": 0,
            "swap_mode": 1,
            "swap_rollover3days": 3,
            "swap_long": float(record.swap_long),
            "swap_short": float(record.swap_short),
            "bid": float(quote.bid) if quote else 0.0,
            "ask": float(quote.ask) if quote else 0.0,
            "last": 0.0,
            "volume_min": float(record.volume_min),
            "volume_max": float(record.volume_max),
            "volume_step": float(record.volume_step),
            "volume_limit": 0.0,
            "currency_base": record.currency_base,
            "currency_profit": record.currency_profit,
            "currency_margin": record.currency_margin,
            "margin_initial": 0.0,
            "margin_maintenance": 0.0,
            "margin_rate": float(record.margin_rate),
            "margin_hedged": float(2 * record.contract_size),
            "commission_per_lot": float(record.commission_per_lot),
        } | self._sizes(name, point, currency)

    def _sizes(self, name: str, point: Decimal, currency: str) -> Record:
        """Give the contract's figures under both spellings in use."""
        record = CATALOGUE[name]
        try:
            value = float(
                -convert(-point * record.contract_size, record.currency_profit, currency, self._venue.quotes)
            )
        except NoRateError:
            value = None
        sizes = {"contract_size": float(record.contract_size), "tick_size": float(point), "tick_value": value}
        sides = {"trade_tick_value_profit": value, "trade_tick_value_loss": value}
        return sizes | {f"trade_{key}": number for key, number in sizes.items()} | sides

    def tick(self, name: str) -> Record:
        quote = self._venue.quotes[name]
        return {
            "time": self.seconds(quote.at_s),
            "time_msc": self.seconds(quote.at_s) * 1000,
            "bid": float(quote.bid),
            "ask": float(quote.ask),
            "last": 0.0,
            "volume": 0,
            "volume_real": 0.0,
            "flags": 6,
        }

    def position(self, position: Position, currency: str) -> Record:
        quote = self._venue.quotes[position.symbol]
        is_long = position.volume > 0
        return {
            "ticket": position.ticket,
            "identifier": position.ticket,
            "time": self._msc(position.opened_us) // 1000,
            "time_msc": self._msc(position.opened_us),
            "time_update": self._msc(position.updated_us) // 1000,
            "time_update_msc": self._msc(position.updated_us),
            "type": 0 if is_long else 1,
            "magic": position.magic,
            "reason": REASONS[position.reason],
            "volume": float(abs(position.volume)),
            "price_open": float(position.price),
            "sl": float(position.sl),
            "tp": float(position.tp),
            "price_current": float(quote.bid if is_long else quote.ask),
            "swap": float(position.swap),
            "profit": float(floating(position, currency, self._venue.quotes)),
            "symbol": position.symbol,
            "comment": position.comment,
            "external_id": "",
        }

    def order(self, order: Order) -> Record:
        quote = self._venue.quotes.get(order.symbol)
        return {
            "ticket": order.ticket,
            "time_setup": self._msc(order.setup_us) // 1000,
            "time_setup_msc": self._msc(order.setup_us),
            "time_done": self._msc(order.done_us) // 1000 if order.done_us else 0,
            "time_done_msc": self._msc(order.done_us) if order.done_us else 0,
            "time_expiration": self.seconds(order.expires_s) if order.expires_s else 0,
            "type": order.type,
            "type_time": order.type_time,
            "type_filling": order.type_filling,
            "state": order.state,
            "magic": order.magic,
            "position_id": order.position,
            "position_by_id": 0,
            "reason": REASONS[order.reason],
            "volume_initial": float(order.volume),
            "volume_current": float(order.remaining),
            "price_open": float(order.price),
            "sl": float(order.sl),
            "tp": float(order.tp),
            "price_current": float(quote.bid) if quote else 0.0,
            "price_stoplimit": 0.0,
            "symbol": order.symbol,
            "comment": order.comment,
            "external_id": "",
        }

    def deal(self, deal: Deal) -> Record:
        return {
            "ticket": deal.ticket,
            "order": deal.order,
            "time": self._msc(deal.at_us) // 1000,
            "time_msc": self._msc(deal.at_us),
            "type": DEAL_TYPES[deal.side],
            "entry": ENTRIES[deal.entry],
            "magic": deal.magic,
            "position_id": deal.position,
            "reason": REASONS[deal.reason],
            "volume": float(deal.volume),
            "price": float(deal.price),
            "commission": float(deal.commission),
            "swap": float(deal.swap),
            "profit": float(deal.profit),
            "fee": float(deal.fee),
            "symbol": deal.symbol,
            "comment": deal.comment,
            "external_id": "",
        }


def result_record(result: Result, request: Record, request_id: int) -> Record:
    return {
        "retcode": result.retcode,
        "deal": result.deal,
        "order": result.order,
        "volume": float(result.volume),
        "price": float(result.price),
        "bid": float(result.bid),
        "ask": float(result.ask),
        "comment": result.comment,
        "request_id": request_id,
        "retcode_external": 0,
        "request": request,
    }


def in_group(symbol: str, group: str | None) -> bool:
    """Match MT5's group filter: comma-separated patterns, a leading ! excludes."""
    if not group:
        return True
    patterns = [part.strip() for part in group.split(",")]
    if any(p.startswith("!") and fnmatchcase(symbol, p[1:]) for p in patterns):
        return False
    wanted = [p for p in patterns if not p.startswith("!")]
    return not wanted or any(fnmatchcase(symbol, p) for p in wanted)
