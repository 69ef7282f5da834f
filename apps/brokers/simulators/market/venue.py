"""The venue: source, clock, log, books and matching core put together, stepped through desk time."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.brokers.simulators.market.accounts import Account, Books, MarginMode
from apps.brokers.simulators.market.clock import DeskClock
from apps.brokers.simulators.market.faults import Fault, Faults
from apps.brokers.simulators.market.feed import Feed
from apps.brokers.simulators.market.instruments import CATALOGUE
from apps.brokers.simulators.market.journal import Journal, Line, iso, micros
from apps.brokers.simulators.market.matching import Engine
from apps.brokers.simulators.market.requests import DEAL, MODIFY, PENDING, REMOVE, SLTP, Request, Result
from apps.brokers.simulators.market.ticks import Quote, Source
from apps.brokers.simulators.market.walk import Walker

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
    """One market with its accounts. Made from a home that holds a log, it goes on where that log ends."""

    def __init__(self, plan: Plan, source: Source) -> None:
        self.source = source
        self.feed = Feed(source)
        self.books = Books()
        self.faults = Faults()
        self.quotes: dict[str, Quote] = {}
        self.jump_closed = True
        self.home = plan.home
        self._plan = plan
        self._last_us = source.start_s * 1_000_000
        plan.home.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(plan.home / "log.jsonl")
        self.clock = DeskClock(plan.home / "clock.json", market=source.market)
        self.engine = Engine(books=self.books, quotes=self.quotes, emit=self._emit)
        self._walker = Walker(self.feed, self.engine, source.start_s)
        self._start(self.journal.lines)
        self.journal.lines = []

    def _start(self, lines: list[Line]) -> None:
        if lines:
            self._rebuild(lines)
            # The last logged second is walked once more: what it had set off is booked, the rest was lost.
            self._walker.walked_s = self._last_us // 1_000_000 - 1
        if not lines or self._plan.reanchor or not self.clock.resume():
            self.clock.anchor(self._last_us, speed=self._plan.speed)
        for name in self.source.digits:
            self._walker.requote(name, self._walker.walked_s)
        if not lines:
            self._emit([self._run() | {"start_at": iso(self._last_us), "records": self._records()}])
        for opening in self._plan.openings:
            if opening.login not in self.books.accounts:
                self._open(opening)
        self.journal.sync()
        self._walker.to(self._last_us // 1_000_000)
        self.advance()

    def _run(self) -> Line:
        return {
            "kind": "run",
            "seed": self._plan.seed,
            "market": self.source.market,
            "start_s": self.source.start_s,
            "instruments": sorted(self.source.digits),
        }

    def _records(self) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "contract_size": str(CATALOGUE[name].contract_size),
                "digits": digits,
                "currency_profit": CATALOGUE[name].currency_profit,
            }
            for name, digits in self.source.digits.items()
        ]

    def _open(self, opening: Opening) -> None:
        self.books.last_ticket += 1
        deposit = str(opening.deposit.quantize(Decimal("0.01")))
        line = {
            "kind": "account",
            "account": opening.login,
            "currency": opening.currency,
            "margin_mode": opening.margin_mode,
            "leverage": opening.leverage,
            "deposit": deposit,
            "deal": self.books.last_ticket,
            "cash_after": deposit,
        }
        self._emit([line])

    def _rebuild(self, lines: list[Line]) -> None:
        """Book every line of the log again; raises StartError when it is the log of another run."""
        ours, theirs = self._run(), {name: lines[0].get(name) for name in self._run()}
        if ours != theirs:
            raise StartError(f"{self._plan.home} holds another run: {theirs}, not {ours}")
        for line in lines:
            self.books.apply(line)
            self._last_us = max(self._last_us, micros(line["desk_at"]))
            if line["kind"] == "shock":
                # Its answer showed the moved price, so desk time is past it.
                self._last_us = max(self._last_us, line["at_s"] * 1_000_000)
                self.feed.shock(line["symbol"], at_s=line["at_s"], factor=line["factor"])

    @property
    def now_us(self) -> int:
        return max(self.clock.now_us(), self._walker.walked_s * 1_000_000, self._last_us)

    @property
    def now_s(self) -> int:
        return self.now_us // 1_000_000

    def is_open(self, name: str) -> bool:
        return not self.clock.ended and self.source.is_open(name, self.now_s)

    def _emit(self, lines: list[Line]) -> None:
        at_us = self.now_us if self._walker.at_us is None else self._walker.at_us
        self.journal.append(lines, at_us)
        for line in lines:
            self.books.apply(line, at_us)

    def advance(self) -> None:
        """Bring the market up to the clock: prices and what they set off, the jump over closed hours."""
        self._walker.to(self._end(self.now_s))
        while self._jump():
            self._walker.to(self._end(self.now_s))
        end_s = self.source.end_s
        if end_s is not None and self._walker.walked_s >= end_s and not self.clock.ended:
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
        self._walker.to(target)
        self.clock.anchor(target * 1_000_000)
        self.log_clock("jump")
        return True

    def send(self, account: Account, request: Request) -> Result:
        """Carry out one request at the quotes of this moment; on disk once the journal is durable."""
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
        self._walker.to(self._end(at_s))

    def set_clock(self, at_us: int, speed: float) -> None:
        """Walk to a later desk time, if that is what `at_us` is, and go on from there at this speed."""
        self._walker.to(self._end(at_us // 1_000_000))
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
