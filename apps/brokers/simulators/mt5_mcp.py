"""The simulated venue as an MT5 MCP server: `python -m apps.brokers.simulators.mt5_mcp --home DIR ...`.

MCP over streamable HTTP at `/mcp` for the first account and at `/mcp/LOGIN` for every account. Arguments and
answers have the shapes of the Qoyyuum server: `order_send({"request": {...}})`, records are structured,
lists, scalars and nulls under `{"result": ...}`, refusals as errors whose text holds `'retcode': N`.

initialize(path?), login(login, password?, server?), shutdown()
    bool; the first two are needed after each start of the venue. Any password is taken.
get_terminal_info()
    connected, trade_allowed, maxbars, market, synthetic, native_timeframe_minutes, quiet_period_s,
    history_by_date, server_timezone, server_offset_s, server_time, desk_speed, market_ended ...
get_account_info()
    login, currency, leverage, margin_mode (0 netting, 2 hedging), balance, equity, profit, margin,
    margin_free, margin_level, margin_so_call, margin_so_so, name, server, company ...
get_symbol_info(symbol)
    MT5's fields; contract_size, tick_size, tick_value also with `trade_` before them; market_open,
    margin_rate and commission_per_lot as extras.
get_symbol_info_tick(symbol)
    time, time_msc (integers, server time), bid, ask, last 0, volume 0, volume_real 0, flags.
copy_rates_from_pos, copy_rates_from_date, copy_rates_range
    time (ISO with Z, but server time), open, high, low, close (bid), tick_volume, spread (points, at
    the open), real_volume 0; oldest first, the forming bar included. More than 10,000 bars is an error.
positions_get, positions_get_by_ticket
    ticket, identifier, time, time_msc, time_update, time_update_msc, type, magic, reason, volume, price_open,
    sl, tp, price_current, swap, profit, symbol, comment.
orders_get, orders_get_by_ticket, history_orders_get
    ticket, time_setup(_msc), time_done(_msc), time_expiration, type, type_time, type_filling, state, magic,
    position_id, reason, volume_initial, volume_current, price_open, sl, tp, price_current, symbol, comment.
history_deals_get(ticket = the order's, position, symbol, group, from_date, to_date)
    ticket, order, time, time_msc, type (2 is a deposit), entry, magic, position_id, reason, volume, price,
    commission, swap, profit, fee, symbol, comment.
order_send(request)
    retcode (10009 done, 10010 in part, 10008 placed), deal, order, volume, price, bid, ask, comment,
    request_id, retcode_external, request.
order_check(request)
    retcode (0 or the refusal), balance, equity, profit, margin, margin_free, margin_level, comment, request.

A netting position keeps its ticket, that of the order which opened it, until it is flat, reversals included.
Swaps stay on the position and become cash with the deal that closes it.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from apps.brokers.simulators.market.instruments import lacking_conversion
from apps.brokers.simulators.market.replay import ReplayMarket
from apps.brokers.simulators.market.synthetic import SyntheticMarket
from apps.brokers.simulators.market.ticks import Source
from apps.brokers.simulators.market.venue import Opening, Plan, Venue
from apps.brokers.simulators.mt5 import control, tools
from apps.brokers.simulators.mt5.terminal import Terminal

STEP_S = 0.05
CLOCK_LINE_S = 5.0
CANNOT_START = 2


class _Server(uvicorn.Server):
    """Leaves signals to `main`: two servers share one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="mt5_mcp", description="The simulated venue behind an MT5 MCP server."
    )
    parser.add_argument("--home", type=Path, required=True, help="folder of log.jsonl and clock.json")
    parser.add_argument("--replay", type=Path, help="folder with manifest.json; absent: synthetic market")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--control-port", type=int, required=True)
    parser.add_argument("--token-file", type=Path, required=True)
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--start", default="2026-01-05T00:00:00Z", help="Monday 00:00 UTC of a synthetic market"
    )
    parser.add_argument("--reanchor", action="store_true", help="go on at the last logged desk time")
    parser.add_argument(
        "--accounts", help='JSON: [{"login": 1, "margin_mode": "hedging", "deposit": "5000"}]'
    )
    parser.add_argument("--server-timezone", default="NY+7")
    parser.add_argument("--no-history-by-date", action="store_true", help="answer [] to history by date")
    return parser.parse_args(argv)


def market(args: argparse.Namespace, currencies: set[str]) -> Source:
    """Choose the source of prices and leave out what cannot be turned into an account's currency.

    Raises ValueError when nothing is left or the folder is unusable.
    """
    source = _source(args)
    for currency in currencies:
        for name, money in lacking_conversion(list(source.digits), currency).items():
            print(f"venue: {name} refused: no quote turns {money} into {currency}")
            source.drop(name)
    if not source.digits:
        raise ValueError("no instrument left to trade")
    return source


def _source(args: argparse.Namespace) -> Source:
    if args.replay and (args.replay / "manifest.json").exists():
        replay = ReplayMarket(folder=args.replay, seed=args.seed)
        for name in replay.unknown:
            print(f"venue: {name} refused: no record of this instrument")
        return replay
    start = datetime.fromisoformat(args.start)
    if start.weekday() or start.timestamp() % 86_400:
        raise ValueError(f"--start {args.start} is not a Monday 00:00 UTC")
    return SyntheticMarket(seed=args.seed, start_s=int(start.timestamp()))


def openings(text: str | None) -> tuple[Opening, ...]:
    if not text:
        return (Opening(),)
    rows = [row | {"deposit": Decimal(str(row.get("deposit", 100_000)))} for row in json.loads(text)]
    return tuple(Opening(**row) for row in rows)


def application(venue: Venue, args: argparse.Namespace) -> Starlette:
    """Join the MCP servers of all accounts: the first at /mcp, each at /mcp/LOGIN."""
    servers, routes = [], []
    for place, login in enumerate(venue.books.accounts):
        terminal = Terminal(
            venue, login, zone=args.server_timezone, history_by_date=not args.no_history_by_date
        )
        for path in ([] if place else ["/mcp"]) + [f"/mcp/{login}"]:
            server = tools.build(terminal)
            app = server.streamable_http_app(
                streamable_http_path=path, json_response=True, stateless_http=True
            )
            servers.append(server)
            routes += app.routes

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001 -- starlette's shape
        async with contextlib.AsyncExitStack() as stack:
            for server in servers:
                await stack.enter_async_context(server.session_manager.run())
            yield

    return Starlette(routes=routes, lifespan=lifespan)


def listener(port: int) -> socket.socket:
    """Bind a loopback port; 0 takes a free one. Raises OSError when it is taken."""
    # With its protocol named, asyncio turns Nagle off: without that every answer waits 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError as taken:
        sock.close()
        raise OSError(f"port {port}: {taken.strerror}") from taken
    return sock


async def step(venue: Venue, stop: asyncio.Event) -> None:
    """Keep the market at the clock, and a line of desk time in the log, until told to stop."""
    loop = asyncio.get_running_loop()
    logged = 0.0
    while not stop.is_set():
        venue.advance()
        if loop.time() - logged >= CLOCK_LINE_S:
            venue.log_clock("tick")
            logged = loop.time()
        await venue.journal.durable()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), STEP_S)


def _token(args: argparse.Namespace) -> str:
    """Read the control token; raises ValueError when the file is empty."""
    token: str = args.token_file.read_text().strip()
    if not token:
        raise ValueError(f"{args.token_file} is empty")
    return token


async def serve(venue: Venue, args: argparse.Namespace, sockets: list[socket.socket]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    apps = [application(venue, args), control.build(venue, _token(args))]
    servers = [
        _Server(
            uvicorn.Config(
                app, log_level="warning", access_log=False, timeout_graceful_shutdown=2, timeout_keep_alive=30
            )
        )
        for app in apps
    ]
    async with asyncio.TaskGroup() as group:
        for server, sock in zip(servers, sockets, strict=True):
            group.create_task(server.serve(sockets=[sock]))
        addresses = [f"http://127.0.0.1:{sock.getsockname()[1]}" for sock in sockets]
        print(
            f"venue: {venue.source.market} market, MCP at {addresses[0]}/mcp, control at {addresses[1]}",
            flush=True,
        )
        await step(venue, stop)
        for server in servers:
            server.should_exit = True
    venue.close()


def main(argv: list[str]) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    args = arguments(argv)
    try:
        _token(args)
        opened = openings(args.accounts)
        source = market(args, {opening.currency for opening in opened})
        sockets = [listener(args.port), listener(args.control_port)]
        plan = Plan(home=args.home, seed=args.seed, speed=args.speed, reanchor=args.reanchor, openings=opened)
        venue = Venue(plan, source)
    except (OSError, ValueError, TypeError, KeyError) as wrong:
        print(f"venue: cannot start: {wrong}", file=sys.stderr)
        return CANNOT_START
    asyncio.run(serve(venue, args, sockets))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
