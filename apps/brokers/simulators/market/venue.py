"""The venue: source, clock, log, books and matching core put together, stepped through desk time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from apps.brokers.simulators.market import sessions, triggers
from apps.brokers.simulators.market.accounts import Account, Books, MarginMode
from apps.brokers.simulators.market.clock import DeskClock
from apps.brokers.simulators.market.faults import Fault, Faults
from apps.brokers.simulators.market.feed import Feed
from apps.brokers.simulators.market.instruments import CATALOGUE
from apps.brokers.simulators.market.journal import Journal, Line, micros
from apps.brokers.simulators.market.matching import Engine
from apps.brokers.simulators.market.requests import DEAL, MODIFY, PENDING, REMOVE, SLTP, Request, Result
from apps.brokers.simulators.market.ticks import Quote, Source, Ticks

_CHUNK_S = 6 * 3600
_JUMP_OVER_S = 30 * 60  # a shorter pause of all instruments passes at the clock's own speed


class StartError(ValueError):
    """The venue cannot start here; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An account as it is opened with the first start of a run."""

    login: int = 100_001
    currency: str = "USD"
    margin_mode: MarginMode = "netting"
    leverage: int = 30
    deposit: Decimal = Decimal(100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    home: Path
    seed: int
    speed: float = 1.0
    reanchor: bool = False
    openings: tuple[Opening, ...] = field(default_factory=lambda: (Opening(),))


class Venue:
    def __init__(self, plan: Plan, source: Source) -> None:
        self.source = source
        self.feed = Feed(source)
        self.books = Books()
        self.faults = Faults()
        self.quotes: dict[str, Quote] = {}
        self.jump_closed = True
        self._plan = plan
        self._walking_us: int | None = None
        self._last_us = 0
        plan.home.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(plan.home / "log.jsonl")
        self.clock = DeskClock(plan.home / "clock.json", market=source.market)
        self.engine = Engine(books=self.books, quotes=self.quotes, emit=self._emit)
        self._start(self.journal.lines)
        self.journal.lines = []

    def _start(self, lines: list[Line]) -> None:
        if lines:
            self._rebuild(lines)
        else:
            self._walked_s = self.source.start_s
            self.clock.anchor(self.source.start_s * 1_000_000, speed=self._plan.speed)
        for name in self.source.digits:
            self._requote(name, self._walked_s)
        if not lines:
            self._open_run()
        self.walk_to(self._last_us // 1_000_000)
        self.advance()

    def _open_run(self) -> None:
        instruments = [
            {
                "name": name,
                "contract_size": str(CATALOGUE[name].contract_size),
                "digits": digits,
                "currency_profit": CATALOGUE[name].currency_profit,
            }
            for name, digits in self.source.digits.items()
        ]
        run = {
            "kind": "run",
            "seed": self._plan.seed,
            "market": self.source.market,
            "start_s": self.source.start_s,
        }
        self._emit([run | {"synthetic": self.source.market == "synthetic", "instruments": instruments}])
        for opening in self._plan.openings:
            self.books.last_ticket += 1
            self._emit(
                [
                    {
                        "kind": "account",
                        "account": opening.login,
                        "currency": opening.currency,
                        "margin_mode": opening.margin_mode,
                        "leverage": opening.leverage,
                        "deposit": str(opening.deposit.quantize(Decimal("0.01"))),
                        "deal": self.books.last_ticket,
                        "cash_after": str(opening.deposit.quantize(Decimal("0.01"))),
                    }
                ]
            )
        self.journal.sync()

    def _rebuild(self, lines: list[Line]) -> None:
        """Book every line again, then go on from the last logged desk time: that second is walked once more."""
        run = lines[0]
        ours = {"seed": self._plan.seed, "market": self.source.market, "start_s": self.source.start_s}
        theirs = {name: run.get(name) for name in ours}
        if ours != theirs:
            raise StartError(f"{self._plan.home} holds the run {theirs}, not {ours}")
        for line in lines:
            self.books.apply(line)
            self._last_us = max(self._last_us, micros(line["desk_at"]))
            if line["kind"] == "shock":
                self.feed.shock(line["symbol"], at_s=line["at_s"], factor=line["factor"])
        self._walked_s = self._last_us // 1_000_000 - 1
        if self._plan.reanchor or not self.clock.resume():
            self.clock.anchor(self._last_us, speed=self._plan.speed)

    @property
    def now_us(self) -> int:
        return max(self.clock.now_us(), self._walked_s * 1_000_000, self._last_us)

    @property
    def now_s(self) -> int:
        return self.now_us // 1_000_000

    def is_open(self, name: str) -> bool:
        return not self.clock.ended and self.source.is_open(name, self.now_s)

    def _emit(self, lines: list[Line]) -> None:
        at_us = self.now_us if self._walking_us is None else self._walking_us
        self.journal.append(lines, at_us)
        for line in lines:
            self.books.apply(line, at_us)

    def advance(self) -> None:
        """Bring the market up to the clock: prices, what they set off, rollovers, the jump over closed hours, the end."""
        self.walk_to(self._end(self.now_s))
        while self._jump():
            self.walk_to(self._end(self.now_s))
        end_s = self.source.end_s
        if end_s is not None and self._walked_s >= end_s and not self.clock.ended:
            self.clock.anchor(end_s * 1_000_000, ended=True)
            self._emit([{"kind": "ended"}])

    def _end(self, at_s: int) -> int:
        return at_s if self.source.end_s is None else min(at_s, self.source.end_s)

    def _jump(self) -> bool:
        """Move the clock to the next opening when every instrument is closed for long."""
        now_s = self.now_s
        if not self.jump_closed or self.clock.ended or not self.clock.speed:
            return False
        opens = [self.source.next_open(name, now_s) for name in self.source.digits]
        known = [at for at in opens if at is not None]
        target = min(known) if known else self.source.end_s
        if target is None or target - now_s < _JUMP_OVER_S:
            return False
        self.walk_to(target)
        self.clock.anchor(target * 1_000_000)
        self.log_clock("jump")
        return True

    def walk_to(self, until_s: int) -> None:
        """Walk the market to `until_s`; quotes and events in time order."""
        for stop_s, nights in self._stops(until_s):
            while self._walked_s < stop_s:
                self._walk(min(stop_s, self._walked_s + _CHUNK_S))
            if nights:
                self._roll(stop_s, nights)

    def _stops(self, until_s: int) -> Iterator[tuple[int, int]]:
        yield from sessions.rollovers(self._walked_s, until_s)
        yield until_s, 0

    def _roll(self, at_s: int, nights: int) -> None:
        if at_s <= self.books.rolled_s:
            return
        self._walking_us = at_s * 1_000_000
        self._emit([*triggers.roll(self.engine, nights), {"kind": "rollover", "nights": nights}])
        self._walking_us = None

    def _walk(self, until_s: int) -> None:
        moves = {
            n: t for n in self.source.digits if (t := self.feed.between(n, self._walked_s, until_s)).at.size
        }
        if self._is_quiet(moves, until_s):
            for name, ticks in moves.items():
                self._set(name, int(ticks.at[-1]), int(ticks.bid[-1]), int(ticks.ask[-1]))
        else:
            self._step(moves, until_s)
        self._walked_s = until_s

    def _is_quiet(self, moves: dict[str, Ticks], until_s: int) -> bool:
        if not any(account.positions or account.orders for account in self.books.accounts.values()):
            return True
        lows = {n: self._quote(n, until_s, int(t.bid.min()), int(t.ask.min())) for n, t in moves.items()}
        highs = {n: self._quote(n, until_s, int(t.bid.max()), int(t.ask.max())) for n, t in moves.items()}
        return triggers.quiet(self.engine, lows, highs, until_s)

    def _step(self, moves: dict[str, Ticks], until_s: int) -> None:
        moments: dict[int, list[tuple[str, int, int]]] = {}
        for name, ticks in moves.items():
            for at, bid, ask in zip(ticks.at.tolist(), ticks.bid.tolist(), ticks.ask.tolist(), strict=True):
                moments.setdefault(at, []).append((name, bid, ask))
        for at in sorted(moments):
            for name, bid, ask in moments[at]:
                self._set(name, at, bid, ask)
            self._walking_us = at * 1_000_000
            triggers.fire(self.engine, {name for name, _, _ in moments[at]}, at)
        self._walking_us = until_s * 1_000_000
        triggers.fire(self.engine, set(), until_s)
        self._walking_us = None

    def _quote(self, name: str, at_s: int, bid: int, ask: int) -> Quote:
        digits = -self.source.digits[name]
        return Quote(bid=Decimal(bid).scaleb(digits), ask=Decimal(ask).scaleb(digits), at_s=at_s)

    def _set(self, name: str, at_s: int, bid: int, ask: int) -> None:
        self.quotes[name] = self._quote(name, at_s, bid, ask)

    def _requote(self, name: str, at_s: int) -> None:
        last = self.feed.last(name, at_s)
        if last is not None:
            self._set(name, *last)

    def send(self, account: Account, request: Request) -> Result:
        """Carry out one request at the quotes of this moment. The result is on disk once the journal is durable."""
        self.advance()
        if request.action in {DEAL, PENDING}:
            return self._trade(account, request)
        if request.action in {SLTP, MODIFY}:
            held = account.positions.get(request.position) or account.orders.get(request.order)
            is_open = held is not None and self.is_open(held.symbol)
            return self.engine.change(account, request, is_open=is_open, now_s=self.now_s)
        order = account.orders.get(request.order)
        if request.action != REMOVE or order is None:
            return self.engine.refuse(account, request, 10013)
        return self.engine.end(account, order, "cancelled")

    def check(self, account: Account, request: Request) -> int:
        """Return the retcode that would refuse a trade request now, or 0."""
        self.advance()
        is_open = request.symbol in self.source.digits and self.is_open(request.symbol)
        return self.engine.judge(account, request, is_open=is_open, now_s=self.now_s)

    def _trade(self, account: Account, request: Request) -> Result:
        if request.symbol not in self.source.digits:
            return self.engine.refuse(account, request, 10013)
        for kind, code in (("requote", 10004), ("no_money", 10019)):
            if self.use(kind):
                return self.engine.refuse(account, request, code)
        if code := self.check(account, request):
            return self.engine.refuse(account, request, code)
        if request.action == PENDING:
            return self.engine.place(account, request)
        part = self.use("partial_fill")
        return self.engine.deal(account, request, share=Decimal(repr(part)) if part else None)

    def use(self, kind: str) -> float:
        """Use up an armed fault and log it; return its fraction or seconds, 0 when none is armed."""
        fault = self.faults.take(kind)
        if fault is None:
            return 0.0
        self.engine.log({"kind": "fault", "fault": kind, "seconds": fault.seconds, "left": fault.count})
        return fault.fraction if kind == "partial_fill" else max(fault.seconds, 0.001)

    def arm(self, fault: Fault) -> None:
        """Arm a fault; raises ValueError for an unknown kind."""
        self.faults.arm(fault)
        self.engine.log(
            {"kind": "fault", "fault": fault.kind, "armed": fault.count, "seconds": fault.seconds}
        )

    def shock(self, factors: dict[str, float]) -> None:
        """Move prices by their factors from the next second on, and act on it at once."""
        self.advance()
        at_s = self.now_s + 1
        self._emit([{"kind": "shock", "symbol": n, "factor": f, "at_s": at_s} for n, f in factors.items()])
        for name, factor in factors.items():
            self.feed.shock(name, at_s=at_s, factor=factor)
        self.walk_to(self._end(at_s))

    def set_clock(self, at_us: int, speed: float) -> None:
        """Walk to a later desk time, if that is what `at_us` is, and go on from there at this speed."""
        self.walk_to(self._end(at_us // 1_000_000))
        self.clock.anchor(max(at_us, self.now_us), speed=speed, ended=self.clock.ended)
        self.log_clock("control")
        self.advance()

    def log_clock(self, why: str) -> None:
        self.engine.log({"kind": "clock", "why": why, "epoch": self.clock.epoch, "speed": self.clock.speed})

    def close(self) -> None:
        """Log the desk time and leave everything on disk."""
        self.advance()
        self.log_clock("stop")
        self.journal.close()
