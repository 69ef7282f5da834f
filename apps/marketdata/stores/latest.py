"""The latest quote of each instrument in Valkey, with how usual it is: its spread, and its last jump.

All raise StoreUnavailable when the server does not answer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, cast

import redis

from apps.marketdata.domain.arrays import from_us, to_us
from apps.marketdata.domain.quote import Quote
from apps.marketdata.errors import StoreUnavailable
from apps.marketdata.stores.valkey import answering

_FEWEST = 30  # quotes before a usual spread is known

# One field an instrument: "quote time|bid|ask|usual spread|quotes seen|last jump|time of the jump".
# A quote replaces an older one only. The usual spread is a running median: each quote moves it by two per
# cent towards its own spread (the multiplicative form of the frugal median of Ma, Muthukrishnan and
# Sandler), so that one odd quote hardly moves it and a new regime is learnt within a few dozen. A jump is a
# move of mid beyond the band from one quote to the next. All in one script: no writer sees half of it.
_PUT = """
local band, fewest, put = tonumber(ARGV[1]), tonumber(ARGV[2]), 0
for i = 3, #ARGV, 4 do
    local name, at, bid, ask = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])
    local part, held = {}, redis.call('HGET', KEYS[1], name)
    if held then
        for text in string.gmatch(held .. '|', '([^|]*)|') do part[#part + 1] = text end
    end
    if not held or tonumber(at) > tonumber(part[1]) then
        local usual, seen = tonumber(part[4] or ''), tonumber(part[5] or '') or 0
        local jump, jumped = part[6] or '', part[7] or ''
        if bid and ask and ask >= bid then
            local spread = ask - bid
            if not usual or usual <= 0 then usual = spread
            elseif spread > usual then usual = math.min(usual * 1.02, spread)
            elseif spread < usual then usual = math.max(usual / 1.02, spread) end
            seen = math.min(seen + 1, fewest)
            local low, high = tonumber(part[2] or ''), tonumber(part[3] or '')
            if low and high and low + high ~= 0 then
                local move = (bid + ask - low - high) / math.abs(low + high)
                if math.abs(move) > band then
                    jump, jumped = string.format('%.9g', move), at
                end
            end
        end
        local kept = usual and string.format('%.9g', usual) or ''
        redis.call('HSET', KEYS[1], name, table.concat(
            {at, ARGV[i + 2], ARGV[i + 3], kept, seen, jump, jumped}, '|'))
        put = put + 1
    end
end
return put
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steadiness:
    """When nobody is to enter: after a jump of mid, and while the spread is far from usual.

    A jump is a move of more than `band`, a share of the price, between two quotes, and counts for `settles`
    (desk time); a spread is far from usual above `spread_times` that.
    """

    band: float = 0.01
    spread_times: Decimal = Decimal(10)
    settles: timedelta = timedelta(seconds=3)


class LatestQuotes:
    """One hash of all instruments. A quote never replaces a newer one."""

    def __init__(self, server: redis.Redis, prefix: str, steadiness: Steadiness | None = None) -> None:
        self._server = server
        self._key = f"{prefix}quotes"
        self._steadiness = steadiness or Steadiness()

    def put(self, quotes: Iterable[Quote]) -> int:
        """Store those that are newer than what is held, and return how many were."""
        parts: list[str] = []
        for quote in sorted(quotes, key=lambda quote: quote.quote_at):
            parts += [quote.instrument, str(to_us(quote.quote_at)), str(quote.bid), str(quote.ask)]
        if not parts:
            return 0
        script: Callable[..., Any] = self._server.eval
        with answering():
            return cast("int", script(_PUT, 1, self._key, str(self._steadiness.band), str(_FEWEST), *parts))

    def get(self, names: Sequence[str]) -> dict[str, Quote]:
        """Return what is held of `names`, in one round trip."""
        if not names:
            return {}
        with answering():
            values = cast("list[bytes | None]", self._server.hmget(self._key, list(names)))
        held = zip(names, values, strict=True)
        return {name: self._quote(name, value.decode()) for name, value in held if value is not None}

    def _quote(self, name: str, text: str) -> Quote:
        at, bid, ask, usual, seen, jump, jumped = (*text.split("|"), "", "", "", "")[:7]
        try:
            return Quote(
                instrument=name,
                bid=Decimal(bid),
                ask=Decimal(ask),
                quote_at=from_us(int(at)),
                widest_spread=self._widest(usual, seen),
                jump=Decimal(jump) if jump else None,
                unsteady_until=self._until(jumped),
            )
        except (InvalidOperation, ValueError) as error:
            raise StoreUnavailable(f"the stored quote of {name} is damaged: {text!r}") from error

    def _widest(self, usual: str, seen: str) -> Decimal | None:
        """Return the widest spread to enter at; None while too few quotes tell what is usual."""
        if not usual or int(seen or 0) < _FEWEST:
            return None
        known = Decimal(usual)
        return known * self._steadiness.spread_times if known > 0 else None

    def _until(self, jumped: str) -> datetime | None:
        return from_us(int(jumped)) + self._steadiness.settles if jumped else None
