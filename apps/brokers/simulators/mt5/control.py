"""The control port: clock, shock and fault for those who hold the token. Never part of the MCP tools."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from apps.brokers.simulators.market.faults import Fault
from apps.brokers.simulators.market.journal import iso, micros
from apps.brokers.simulators.market.valuation import worth
from apps.brokers.simulators.market.venue import Venue

Act = Callable[[Venue, dict[str, Any]], dict[str, Any]]
_MOST_ADVANCE_S = 400 * 86_400


def build(venue: Venue, token: str) -> Starlette:
    """Return the control application; every call but /health needs the token."""

    def guarded(act: Act, *, has_body: bool = True) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            given = request.headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
                return JSONResponse({"error": "wrong or missing token"}, status_code=401)
            try:
                body = await request.json() if has_body else {}
                done = act(venue, body)
            except (ValueError, KeyError, TypeError, ArithmeticError) as wrong:
                return JSONResponse({"error": str(wrong)}, status_code=400)
            await venue.journal.durable()
            return JSONResponse(done)

        return answer

    async def health(request: Request) -> Response:  # noqa: ARG001 -- starlette's shape
        return JSONResponse({"status": "ok", "market": venue.source.market, "desk_at": iso(venue.now_us)})

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/state", guarded(_state, has_body=False)),
            Route("/clock", guarded(_clock), methods=["POST"]),
            Route("/shock", guarded(_shock), methods=["POST"]),
            Route("/fault", guarded(_fault), methods=["POST"]),
        ]
    )


def _state(venue: Venue, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 -- one shape for all
    venue.advance()
    return {
        "desk_at": iso(venue.now_us),
        "epoch": venue.clock.epoch,
        "speed": venue.clock.speed,
        "market": venue.source.market,
        "ended": venue.clock.ended,
        "seq": venue.journal.seq,
        "faults": venue.faults.armed(),
        "quotes": {
            name: {"bid": str(q.bid), "ask": str(q.ask), "at_s": q.at_s, "open": venue.is_open(name)}
            for name, q in venue.quotes.items()
        },
        "accounts": [_account(venue, login) for login in venue.books.accounts],
    }


def _account(venue: Venue, login: int) -> dict[str, Any]:
    account = venue.books.accounts[login]
    now = worth(account, venue.quotes)
    return {
        "login": login,
        "cash": str(account.cash),
        "equity": str(now.equity),
        "margin": str(now.margin),
        "orders": sorted(account.orders),
        "positions": {
            str(p.ticket): {
                "symbol": p.symbol,
                "volume": str(p.volume),
                "price": str(p.price),
                "swap": str(p.swap),
            }
            for p in account.positions.values()
        },
    }


def _clock(venue: Venue, body: dict[str, Any]) -> dict[str, Any]:
    """{"speed": 60} | {"advance_s": 3600} | {"set": ISO} | {"pause": true} | {"jump_closed": false}."""
    unknown = set(body) - {"speed", "advance_s", "set", "pause", "jump_closed"}
    if unknown or not body:
        raise ValueError(f"clock takes speed, advance_s, set, pause or jump_closed, not {sorted(unknown)}")
    venue.advance()
    venue.jump_closed = bool(body.get("jump_closed", venue.jump_closed))
    speed = 0.0 if body.get("pause") else float(body.get("speed", venue.clock.speed))
    target_us = micros(body["set"]) if "set" in body else venue.now_us
    target_us += int(float(body.get("advance_s", 0)) * 1_000_000)
    if target_us < venue.now_us:
        raise ValueError("desk time never goes back")
    if target_us - venue.now_us > _MOST_ADVANCE_S * 1_000_000 or not 0 <= speed <= 100_000:
        raise ValueError("advance at most 400 days, speed 0 to 100000")
    venue.set_clock(target_us, speed)
    return {"desk_at": iso(venue.now_us), "speed": venue.clock.speed, "epoch": venue.clock.epoch}


def _shock(venue: Venue, body: dict[str, Any]) -> dict[str, Any]:
    """{"EURUSD": "-3%"}: every instrument named moves by that much from now on."""
    factors = {name: _factor(name, text, venue) for name, text in body.items()}
    if not factors:
        raise ValueError('shock takes {"EURUSD": "-3%"}')
    venue.shock(factors)
    quotes = {n: {"bid": str(venue.quotes[n].bid), "ask": str(venue.quotes[n].ask)} for n in factors}
    return {"desk_at": iso(venue.now_us), "factors": factors, "quotes": quotes}


def _factor(name: str, text: Any, venue: Venue) -> float:
    if name not in venue.quotes:
        raise ValueError(f"{name} is not traded here")
    try:
        change = Decimal(str(text).strip().removesuffix("%"))
    except InvalidOperation:
        raise ValueError(f"{name}: {text} is no change in per cent, such as -3%") from None
    if not change.is_finite() or not -90 <= change <= 900:
        raise ValueError(f"{name}: a change of {text} is not between -90% and +900%")
    return float(1 + change / 100)


def _fault(venue: Venue, body: dict[str, Any]) -> dict[str, Any]:
    """{"kind": "drop_reply", "count": 1, "seconds": 5, "fraction": 0.5}."""
    known = {f.name for f in fields(Fault)}
    if unknown := set(body) - known:
        raise ValueError(f"fault takes {sorted(known)}, not {sorted(unknown)}")
    fault = Fault(
        kind=str(body["kind"]),
        count=int(body.get("count", 1)),
        seconds=float(body.get("seconds", 5.0)),
        fraction=float(body.get("fraction", 0.5)),
    )
    venue.arm(fault)
    return {"armed": venue.faults.armed()}
