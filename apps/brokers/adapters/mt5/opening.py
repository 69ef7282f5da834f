"""What happens between connecting and taking calls: log in, probe, map symbols, find the clock."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from apps.brokers.adapters.base import Capabilities, Resolve, SessionSettings, SymbolRecord, VenueAccount
from apps.brokers.adapters.mt5 import parse
from apps.brokers.adapters.mt5.answers import ToolRefusedError, as_records, payload_of
from apps.brokers.adapters.mt5.client import Session
from apps.brokers.adapters.mt5.numbers import BadPayloadError, event_wall, to_server
from apps.brokers.adapters.mt5.profile import Profile
from apps.brokers.adapters.mt5.server_clock import ServerClock
from apps.brokers.domain.symbols import ALIASES, KNOWN, pattern_of
from apps.brokers.errors import ProfileMismatch, VenueUnavailable
from apps.marketdata.domain.instrument import InstrumentSpec

DEFAULT_QUIET_PERIOD_S = 600
LIVE_WITHIN_S = 120.0  # of wall time: how old a tick may be from which the server's clock is read
LOOK_BACK_DAYS = (1, 7, 30, 365, 12_000)
MANY_SYMBOLS = 100
Ask = Callable[..., Awaitable[Any]]
Record = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a connection knows before it takes calls. `records` are the venue's own, by symbol."""

    account: VenueAccount
    names: parse.Names
    symbol_of: Mapping[str, str]
    specs: Mapping[str, InstrumentSpec]
    offered: Sequence[SymbolRecord]
    records: Mapping[str, Record]
    capabilities: Capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The steps of one connection attempt, in the order in which `prepare` calls them."""

    settings: SessionSettings
    profile: Profile
    resolve: Resolve
    now: Callable[[], datetime]
    speed: Callable[[], float]

    async def prepare(self, session: Session) -> Prepared:
        """Raise ProfileMismatch, VenueUnavailable or MCPError."""
        self.profile.check(session.tools, hedging=False)

        async def ask(operation: str, **arguments: Any) -> Any:
            chosen = self.profile.operations[operation]
            answer = await session.ask(chosen.tool, chosen.arguments(**arguments))
            try:
                return payload_of(answer)
            except ToolRefusedError as error:
                raise VenueUnavailable(f"{operation}: {error}") from error

        try:
            return await self._steps(session, ask)
        except (BadPayloadError, KeyError, TypeError) as error:
            raise ProfileMismatch(f"the server's records are not MT5's: {error!r}") from error

    async def _steps(self, session: Session, ask: Ask) -> Prepared:
        account, leverage = await self._log_in(ask)
        self.profile.check(session.tools, hedging=account.hedging)
        terminal = await ask("terminal")
        records = await self._records(ask)
        offered = [parse.symbol(record, leverage=leverage) for record in records.values()]
        symbol_of = dict(await self.resolve(offered))
        specs = {
            instrument: replace(found.spec, name=instrument)
            for instrument, symbol in symbol_of.items()
            for found in offered
            if found.symbol == symbol and found.spec is not None
        }
        for instrument in specs:
            await ask("select", symbol=symbol_of[instrument], visible=True)
        server = await self._server_clock(ask, terminal, [symbol_of[name] for name in specs])
        return Prepared(
            account=account,
            names=parse.Names(specs={symbol_of[name]: spec for name, spec in specs.items()}, server=server),
            symbol_of={name: symbol_of[name] for name in specs},
            specs=specs,
            offered=offered,
            records=records,
            capabilities=self._capabilities(
                terminal, hedging=account.hedging, by_date=await self._answers_dates(ask, server)
            ),
        )

    async def _log_in(self, ask: Ask) -> tuple[VenueAccount, int]:
        if not await ask("initialize", path=""):
            raise VenueUnavailable("the terminal did not start")
        wanted = self.settings
        if wanted.login and not await ask(
            "login", login=wanted.login, password=wanted.password, server=wanted.server
        ):
            raise VenueUnavailable(f"the venue refused the login {wanted.login}")
        record = await ask("account")
        account = parse.account(record)
        if wanted.login and account.login != str(wanted.login):
            raise ProfileMismatch(f"logged in to account {account.login}, not {wanted.login}")
        return account, int(record.get("leverage") or 1)

    async def _records(self, ask: Ask) -> dict[str, Record]:
        """Return the records of what may be ours: asking for thousands of symbols would take minutes."""
        listed = [item["name"] if isinstance(item, dict) else str(item) for item in await ask("symbols")]
        if len(listed) > MANY_SYMBOLS:
            shapes = [pattern_of(name) for known in KNOWN for name in (known, *ALIASES.get(known, ()))]
            listed = [name for name in listed if any(shape.match(name) for shape in shapes)]
        records = {}
        for name in listed:
            await ask("select", symbol=name, visible=True)
            records[name] = await ask("symbol", symbol=name)
        return records

    async def _server_clock(self, ask: Ask, terminal: Record, symbols: Sequence[str]) -> ServerClock:
        stated = self.settings.server_zone or terminal.get("server_timezone") or ""
        if stated:
            try:
                return ServerClock.named(stated)
            except ValueError as error:
                raise ProfileMismatch(str(error)) from error
        tolerance = timedelta(seconds=min(LIVE_WITHIN_S * max(self.speed(), 1.0), 800.0))
        walls = [event_wall(await ask("tick", symbol=symbol)) for symbol in symbols]
        found = ServerClock.found(walls, now=self.now(), tolerance=tolerance)
        if found is None:
            raise VenueUnavailable(
                "no live tick shows the server's time zone; set server_zone to go on without"
            )
        return found

    async def _answers_dates(self, ask: Ask, server: ServerClock) -> bool:
        """Tell whether history can be asked by date: every account has at least its deposit."""
        until = to_server(self.now() + timedelta(days=2), server)
        for days in LOOK_BACK_DAYS:
            since = to_server(self.now() - timedelta(days=days), server)
            if as_records(await ask("deals", from_date=since, to_date=until)):
                return True
        return False

    def _capabilities(self, terminal: Record, *, hedging: bool, by_date: bool) -> Capabilities:
        market = re.fullmatch(r"synthetic|replay", str(terminal.get("market") or ""))
        return Capabilities(
            client_tag=self.profile.client_tag,
            stop_on_entry=self.profile.stop_on_entry,
            partial_close=self.profile.partial_close,
            history_by_date=by_date,
            hedging=hedging,
            price_bound=self.profile.price_bound,
            quiet_period_s=max(60, int(terminal.get("quiet_period_s") or DEFAULT_QUIET_PERIOD_S)),
            market_label=market.group() if market else "",
            amend=self.profile.amend,
        )
