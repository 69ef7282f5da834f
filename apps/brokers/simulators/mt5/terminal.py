"""One MT5 terminal: logged in to one account of the venue, failing in the ways a terminal fails."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError

from apps.brokers.simulators.market.accounts import Account
from apps.brokers.simulators.market.requests import Result
from apps.brokers.simulators.market.valuation import worth
from apps.brokers.simulators.market.venue import Venue
from apps.brokers.simulators.mt5.rates import MAX_BARS, Rates, server_seconds
from apps.brokers.simulators.mt5.records import COMPANY, Record, Records, in_group

NOT_THERE = (-10004, "No IPC connection")
QUIET_PERIOD_S = 60  # wall seconds after which an order that is not in the answers will not appear


class Terminal:
    def __init__(self, venue: Venue, login: int, *, zone: str, history_by_date: bool) -> None:
        self.venue = venue
        self.login_id = login
        self.records = Records(venue, zone)
        self.rates = Rates(venue.feed, zone)
        self.history_by_date = history_by_date
        self.error: tuple[int, str] = (1, "Success")
        self._initialized = self._logged_in = False
        self._selected: set[str] = set()
        self.requests = 0
        self.late: set[asyncio.Task[Result]] = set()

    @property
    def account(self) -> Account:
        return self.venue.books.accounts[self.login_id]

    @property
    def connected(self) -> bool:
        return self._initialized and self._logged_in and time.monotonic() >= self.venue.faults.down_until

    def initialize(self) -> bool:
        self._initialized = time.monotonic() >= self.venue.faults.down_until
        self.error = (1, "Success") if self._initialized else NOT_THERE
        return self._initialized

    def login(self, login: int) -> bool:
        self._logged_in = self._initialized and login == self.login_id
        self.error = (1, "Success") if self._logged_in else (-6, "Terminal: Authorization failed")
        return self._logged_in

    def shutdown(self) -> bool:
        self._initialized = self._logged_in = False
        return True

    def require(self, what: str) -> None:
        """Raise what the server says when the terminal cannot be reached."""
        if not self.connected:
            self.error = NOT_THERE
            raise ToolError(f"Failed to get {what}. MT5 Error {NOT_THERE[0]}: {NOT_THERE[1]}")

    def shown(self, symbol: str, what: str) -> None:
        """Raise unless the symbol exists and was selected."""
        self.require(what)
        if symbol not in self._selected:
            self.error = (-4, "Terminal: Not found")
            raise ToolError(f"Failed to get {what} for {symbol}. MT5 Error -4: Terminal: Not found")

    def select(self, symbol: str, *, visible: bool) -> bool:
        self.require("symbol")
        if symbol not in self.venue.source.digits:
            self.error = (-4, "Terminal: Not found")
            return False
        (self._selected.add if visible else self._selected.discard)(symbol)
        return True

    def symbols(self, group: str | None = None) -> list[str]:
        self.require("symbols")
        return [name for name in self.venue.source.digits if in_group(name, group)]

    def symbol_info(self, symbol: str) -> Record:
        self.shown(symbol, "symbol info")
        return self.records.symbol(symbol, self.account.currency, visible=True)

    def tick(self, symbol: str) -> Record:
        self.shown(symbol, "tick")
        if symbol not in self.venue.quotes:
            raise ToolError(f"Failed to get tick for {symbol}. MT5 Error -4: no quote yet")
        return self.records.tick(symbol)

    def account_info(self) -> Record:
        self.require("account info")
        return self.records.account(self.account, worth(self.account, self.venue.quotes))

    def terminal_info(self) -> Record:
        self.require("terminal info")
        venue, market = self.venue, self.venue.source.market
        return {
            "connected": True,
            "trade_allowed": True,
            "tradeapi_disabled": False,
            "dlls_allowed": False,
            "community_account": False,
            "community_connection": False,
            "notifications_enabled": False,
            "build": 5000,
            "maxbars": MAX_BARS,
            "ping_last": 0,
            "language": "English",
            "name": f"MTQuant paper terminal, {market} market",
            "company": COMPANY,
            "path": "",
            "data_path": "",
            "market": market,
            "synthetic": market == "synthetic",
            "native_timeframe_minutes": venue.source.native_minutes,
            "quiet_period_s": QUIET_PERIOD_S,
            "history_by_date": self.history_by_date,
            "server_timezone": self.records.zone,
            "server_offset_s": self.records.offset_s(venue.now_s),
            "server_time": self.records.seconds(venue.now_s),
            "desk_speed": venue.clock.speed,
            "market_ended": venue.clock.ended,
        }

    def positions(self, keep: Callable[[Any], bool]) -> list[Record]:
        """Empty, as the real server answers, when the terminal is gone."""
        if not self.connected:
            return []
        held = self.account.positions.values()
        return [self.records.position(p, self.account.currency) for p in held if keep(p)]

    def orders(self, keep: Callable[[Any], bool]) -> list[Record]:
        return (
            [self.records.order(o) for o in self.account.orders.values() if keep(o)] if self.connected else []
        )

    def ended_orders(self, keep: Callable[[Any], bool], dates: tuple[str | None, str | None]) -> list[Record]:
        found = [o for o in self.account.ended.values() if keep(o)]
        return [self.records.order(o) for o in self._in_time(found, dates, lambda o: o.done_us)]

    def deals(self, keep: Callable[[Any], bool], dates: tuple[str | None, str | None]) -> list[Record]:
        found = [d for d in self.account.deals if keep(d)]
        rows = [self.records.deal(d) for d in self._in_time(found, dates, lambda d: d.at_us)]
        return rows * 2 if rows and self.venue.use("duplicate") else rows

    def _in_time(
        self, items: list[Any], dates: tuple[str | None, str | None], at: Callable[[Any], int]
    ) -> Iterable[Any]:
        if not self.connected:
            return []
        if not any(dates):
            return items
        if not self.history_by_date:
            return []
        first = server_seconds(dates[0]) if dates[0] else 0
        last = server_seconds(dates[1]) if dates[1] else 2**40
        return [item for item in items if first <= self.records.seconds(at(item) // 1_000_000) <= last]
