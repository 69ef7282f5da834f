"""Holds the races: stage, crew, rounds, and what the judge says of each."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import connection

from apps.portfolio import ledger
from apps.portfolio.domain.order import OrderRequest, Side
from apps.risk import breakers, margins
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.limits import Metric, Unit
from apps.risk.errors import Busy
from apps.risk.management.races import crew as writers
from apps.risk.management.races.crew import Crew, Script
from apps.risk.management.races.grounds import Grounds
from apps.risk.management.races.judge import Judge
from apps.risk.management.races.plan import HARD_LOTS, HARD_VAR_LOTS, RACES, Kind, Race, Round, round_of
from apps.risk.management.races.stage import DAILY, MID, RESERVED, UNIT, Stage
from apps.risk.management.races.tally import SLOWEST_TRIP_MS, Tally

AGENT = "agent:race"
MONEY = HARD_LOTS * UNIT * RESERVED
VALUE_AT_RISK = round(HARD_VAR_LOTS * UNIT * MID * DAILY * Decimal("2.3263478740"), 2)
HARD: dict[Kind, tuple[str, Metric, Decimal, Unit]] = {
    "account": ("account:{}", Metric.POSITION, HARD_LOTS, Unit.LOTS),
    "agent": (f"source:{AGENT}", Metric.GROSS, MONEY, Unit.MONEY),
    "desk": ("desk", Metric.GROSS, MONEY, Unit.MONEY),
    "var": ("desk", Metric.VAR, VALUE_AT_RISK, Unit.MONEY),
    "allowance": ("desk", Metric.GROSS, MONEY, Unit.MONEY),
}
PROCESSES = 8
SHOWN = 10  # misses of each race
TRIP_WRITERS = (8, 4)
TRIPS = 12
TRIP_EVERY_S = 0.15
EXITS = 20
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to play: races of up to `most_orders`, or `only` one, and one `number` of its rounds again."""

    seed: int
    rounds: int
    trips: int
    most_orders: int
    only: str = ""
    number: int | None = None

    def has(self, race: Race) -> bool:
        return race.name == self.only if self.only else race.orders <= self.most_orders


def play(wish: Wish, say: Say) -> Tally:
    """Hold every race, and the trips under load; return what was counted."""
    tally = Tally(seed=wish.seed)
    grounds = Grounds()
    for kind, races in RACES.items():
        wanted = [race for race in races if wish.has(race)]
        if wanted:
            _hold_kind(grounds, kind, wanted, wish, tally, say)
    for name, part in (("intent", _one_intent), ("trips", _trips)):
        if wish.only in {"", name}:
            missed, began = len(tally.misses), time.perf_counter()
            part(grounds, wish, tally)
            say(f"{name}: {time.perf_counter() - began:.0f} s, {len(tally.misses) - missed} misses")
            for miss in tally.misses[missed : missed + SHOWN]:
                say(f"MISS {miss}")
    return tally


def _hold_kind(
    grounds: Grounds, kind: Kind, races: Sequence[Race], wish: Wish, tally: Tally, say: Say
) -> None:
    url = grounds.fresh(kind)
    names = [f"race-{number}" for number in range(max(race.accounts for race in races))]
    stage = Stage.build(f"{wish.seed}-{kind}", names)
    scope, metric, hard, unit = HARD[kind]
    for name in names if kind == "account" else [""]:
        stage.limit(scope.format(name), metric, hard, unit)
    if kind == "var":
        stage.covary()
    judge = Judge(url, hard={kind: hard}, mid=MID, daily=float(DAILY))
    for race in races:
        crew = Crew(PROCESSES, race.orders // PROCESSES)
        missed, began = len(tally.misses), time.perf_counter()
        numbers: Iterable[int] = range(wish.rounds) if wish.number is None else [wish.number]
        for number in numbers:
            _hold(race, round_of(race, seed=wish.seed, number=number), stage, crew, judge, tally)
        crew.close()
        took_s = time.perf_counter() - began
        say(f"{race.name}: {wish.rounds} rounds in {took_s:.0f} s, {len(tally.misses) - missed} misses")
        for miss in tally.misses[missed : missed + SHOWN]:
            say(f"MISS {miss}")
    judge.close()


def _hold(race: Race, asked: Round, stage: Stage, crew: Crew, judge: Judge, tally: Tally) -> None:
    """Play one round, have it judged, and take every order back."""
    stage.quote()
    requests = _requests(race, asked, stage)
    crew.start([Script(requests=(request,)) for request in requests])
    answers = [answer for told in crew.finish(meanwhile=partial(_refresh, stage)) for answer in told]
    tally.rounds += 1
    tally.add(answers)
    said = {request.signal_key: answer.said for request, answer in zip(requests, answers, strict=True)}
    ruling = judge.look(race, asked, [request.signal_key for request in requests], said)
    if not race.is_exact:
        tally.places += asked.places
        tally.stranded += asked.places - ruling.approved
    misses = [
        *ruling.misses,
        *(f"no verdict: {answer.reasons}" for answer in answers if answer.said == "none"),
    ]
    for answer in answers:
        if answer.said == "approved":
            writers.take_back(answer.order_id)
    stage.measure()
    ledger.rebase_all(margins.specs_of)  # what accounts drew ahead goes back, as it does every five seconds
    misses += judge.look_after()
    reasons = sorted({reason for answer in answers for reason in answer.reasons})
    again = f"./mtquant drill races --seed {tally.seed} --only {race.name} --round {asked.number}"
    tally.misses += [
        f"{race.name} round {asked.number}: {miss}; denied for {reasons}; {again}" for miss in misses
    ]


def _refresh(stage: Stage) -> None:
    """Keep price and measurement fresh, as ingestion and the beat do, however long a round takes."""
    stage.quote()
    stage.measure()


def _requests(race: Race, asked: Round, stage: Stage) -> list[OrderRequest]:
    return [
        stage.request(f"race-{account}", AGENT if race.kind == "agent" else f"{AGENT}-{number}", asked.lots)
        for number, account in enumerate(asked.accounts)
    ]


def _one_intent(grounds: Grounds, wish: Wish, tally: Tally) -> None:
    """Ask sixteen times at once for the same order: there must be one."""
    url = grounds.fresh("intent")
    stage = Stage.build(f"{wish.seed}-intent", ["race-0"])
    judge = Judge(url, hard={}, mid=MID, daily=float(DAILY))
    crew = Crew(PROCESSES, 16 // PROCESSES)
    for number in range(wish.rounds):
        stage.quote()
        request = stage.request("race-0", AGENT, Decimal(1))
        answers = crew.ask_at_once([request] * crew.size)
        tally.rounds += 1
        tally.add(answers)
        kept, told = judge.orders_of(request.signal_key), {answer.order_id for answer in answers}
        if kept != 1 or len(told) != 1:
            tally.misses.append(f"one intent, round {number}: {kept} orders, {len(told)} ids told")
        writers.take_back(answers[0].order_id)
    crew.close()
    judge.close()


def _trips(grounds: Grounds, wish: Wish, tally: Tally) -> None:
    """Trip the desk while 32 writers ask and one agent gets flat: nobody waits long, every exit passes."""
    grounds.fresh("trips")
    names = [f"race-{number}" for number in range(8)]
    stage = Stage.build(f"{wish.seed}-trips", names)
    held = writers.ask(stage.request(names[0], f"{AGENT}-exits", Decimal("0.01") * EXITS))
    stage.fill(held.order_id)
    crew = Crew(*TRIP_WRITERS)
    leaving = Crew(1, 1)
    chance = random.Random(f"{wish.seed}/trips")  # noqa: S311 - a drawn lot, not a secret
    each = 2 * wish.trips
    crew.start(
        [
            Script(
                requests=tuple(
                    _sell(stage, chance.choice(names), f"{AGENT}-{writer}", "0.02") for _ in range(each)
                ),
                takes_back=True,
            )
            for writer in range(crew.size)
        ]
    )
    leaving.start([Script(requests=tuple(_exit(stage, names[0]) for _ in range(EXITS)))])
    for number in range(wish.trips):
        crew.is_done(TRIP_EVERY_S)
        stage.quote()
        stage.measure()
        tally.trips_ms.append(_trip(_level(number, wish.trips)))
    tally.add(answer for told in crew.finish(meanwhile=partial(_refresh, stage)) for answer in told)
    exits = [answer for told in leaving.finish() for answer in told]
    tally.exits_ms += [answer.verdict_ms for answer in exits]
    tally.misses += [f"an exit was {each.said}: {each.reasons}" for each in exits if each.said != "approved"]
    slow = [waited for waited in tally.trips_ms if waited > SLOWEST_TRIP_MS]
    tally.misses += [f"a trip of the desk took {waited:.0f} ms" for waited in slow]
    crew.close()
    leaving.close()
    connection.close()


def _sell(stage: Stage, account: str, source: str, lots: str, **more: Any) -> OrderRequest:
    """Ask on the side of the exits: they are not to meet."""
    return stage.request(account, source, Decimal(lots), side=Side.SELL, **more)


def _exit(stage: Stage, account: str) -> OrderRequest:
    return _sell(stage, account, f"{AGENT}-exits", "0.01", reduce_only=True, stop_distance=None)


def _level(number: int, trips: int) -> BreakerLevel:
    """Stay at WARNING, where entries go on, and halt at the end."""
    last = {trips - 2: BreakerLevel.REDUCING, trips - 1: BreakerLevel.HALTED}
    return last.get(number, BreakerLevel.WARNING)


def _trip(level: BreakerLevel) -> float:
    since = time.perf_counter()
    try:
        breakers.trip(scope="desk", level=level, cause="drill", by="drill")
    except Busy:
        return (time.perf_counter() - since) * 1000 + SLOWEST_TRIP_MS  # it did not even get the lock
    return (time.perf_counter() - since) * 1000
