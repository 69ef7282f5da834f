"""One run over all agents of the bars that have closed: look, decide, record, submit.

The tick pulls: it asks which closed bars its agents have not seen. A worker that dies in the middle
leaves an open signal; the next tick finds it and goes on from there, under the same order ids.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from apps.agents import lifecycle, policies, signals
from apps.agents.domain.observation import Observation, observe
from apps.agents.domain.signal import Decision, Leg, has_expired, interpret, may_ask_again
from apps.agents.errors import PolicyChanged, PolicyFault
from apps.agents.models import Agent, Signal
from apps.agents.policies import Answer, Asked
from apps.brokers import execution
from apps.marketdata import clock, history, instruments
from apps.marketdata.domain.bar import FloatArray, Timeframe
from apps.marketdata.domain.features import FEATURE_SETS, compute
from apps.marketdata.errors import BadData, NoHistory, StoreUnavailable
from apps.marketdata.history import Closed
from apps.portfolio import books
from apps.portfolio.domain.book import Book
from apps.portfolio.domain.order import OrderRequest
from apps.risk.domain.verdict import Approved, Verdict
from apps.risk.errors import Busy, Refused

log = logging.getLogger(__name__)

# A signal lives one bar, and on a fast clock never less than this much real time.
GRACE_S = 5.0
LONGEST_TTL_S = 30  # real seconds that an order may wait unsent; on a fast clock it dies with its signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """What one run did, for its log line."""

    agents: int = 0
    signals: int = 0
    orders: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """A closed bar of one instrument: its features, shape (len(columns),), and prices in price units."""

    bar_close_at: datetime
    announced_at: datetime | None
    columns: tuple[str, ...]
    row: FloatArray
    price: Decimal
    average_range: Decimal


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """One agent before a closed bar, with what it holds in signed lots."""

    agent: Agent
    seen: Seen
    held: Decimal
    observation: Observation


def run() -> Ticked:
    """Decide for every agent with a closed bar it has not seen. Ends at once while another run is busy."""
    work = {}
    for name in signals.timeframes():
        timeframe = Timeframe(name)
        agents = signals.due(timeframe=name, closed_through=history.closed_through(timeframe))
        if agents:
            work[timeframe] = agents
    if not work:
        return Ticked()
    with signals.only_one_tick() as mine:
        if not mine:
            return Ticked()
        results = [_tick(timeframe, agents) for timeframe, agents in work.items()]
    return Ticked(
        agents=sum(result.agents for result in results),
        signals=sum(result.signals for result in results),
        orders=sum(result.orders for result in results),
    )


def _tick(timeframe: Timeframe, agents: Sequence[Agent]) -> Ticked:
    marks = history.marks(timeframe)
    closed = {name: mark.closed_at for name, mark in marks.items()}
    left = signals.unfinished(agents)
    orders = sum(_submit(signal, timeframe) or 0 for signal in left)
    # Whoever left one open decides on the newest bar at the next tick, knowing what came of it: on a fast
    # clock a signal outlives its bar, and two of them would ask for the position twice.
    late = {signal.agent_id for signal in left}
    free = [agent for agent in agents if agent.pk not in late]
    try:
        decided = _decide(timeframe, free, marks)
    except StoreUnavailable as error:
        log.warning("no history, the agents stay silent: %s", error)
        return Ticked(agents=len(agents), signals=len(left), orders=orders)
    unanswered = set()
    for signal in decided:
        approved = _submit(signal, timeframe)
        if approved is None:
            unanswered.add(signal.agent_id)
        orders += approved or 0
    _mark_seen([agent for agent in free if agent.pk not in unanswered], closed)
    return Ticked(agents=len(agents), signals=len(left) + len(decided), orders=orders)


def _mark_seen(agents: Sequence[Agent], closed: dict[str, datetime]) -> None:
    for bar_close_at in {closed[agent.instrument] for agent in agents}:
        done = [agent for agent in agents if closed[agent.instrument] == bar_close_at]
        lifecycle.mark_seen(done, bar_close_at=bar_close_at)


def _decide(timeframe: Timeframe, agents: Sequence[Agent], marks: Mapping[str, Closed]) -> list[Signal]:
    """Ask all agents of the closed bars at once, and record what is worth asking risk for."""
    books_by_account = {account: books.load(account) for account in {agent.account for agent in agents}}
    denied = signals.last_denied(agents)
    recorded: list[Signal] = []
    looks = _looks(timeframe, agents, marks, books_by_account)
    answers = policies.act([Asked(version=look.agent.policy, observation=look.observation) for look in looks])
    for look, answer in zip(looks, answers, strict=True):
        decision = _understand(look, answer)
        if decision and _worth_asking(decision, denied.get(look.agent.pk), look.seen, timeframe):
            recorded.append(_record(look, decision))
    signals.remember(recorded)
    return recorded


def _looks(
    timeframe: Timeframe,
    agents: Sequence[Agent],
    marks: Mapping[str, Closed],
    books_by_account: Mapping[str, Book],
) -> list[Look]:
    """Return what each agent sees; who has an order on its way, or too little history, looks at nothing."""
    together: dict[tuple[str, str], list[Agent]] = defaultdict(list)
    for agent in agents:
        together[agent.instrument, agent.policy.feature_set].append(agent)
    looks = []
    for (instrument, feature_set), group in together.items():
        seen = _look(instrument, timeframe, feature_set, marks[instrument])
        if seen is not None:
            found = (_observed(agent, seen, books_by_account[agent.account]) for agent in group)
            looks += [look for look in found if look]
    return looks


def _observed(agent: Agent, seen: Seen, book: Book) -> Look | None:
    if any(order.source == agent.source for order in book.open_orders):
        return None
    holding = book.virtual.get((agent.source, agent.instrument))
    held = holding.quantity if holding else Decimal(0)
    observation = observe(seen.row, seen.columns, held=float(held / agent.max_lots))
    return Look(agent=agent, seen=seen, held=held, observation=observation)


def _worth_asking(decision: Decision, denied: Signal | None, seen: Seen, timeframe: Timeframe) -> bool:
    if denied is None:
        return True
    bars = (seen.bar_close_at - denied.bar_close_at) / timeframe.length
    escalated = signals.was_escalated(denied)
    return may_ask_again(decision, last_target=denied.target, bars=bars, escalated=escalated)


def _look(instrument: str, timeframe: Timeframe, feature_set: str, mark: Closed) -> Seen | None:
    """Return the newest closed bar, or None while there is too little history to see anything."""
    wanted = FEATURE_SETS.get(feature_set)
    if wanted is None:
        log.error("nobody decides on %s by %s: this release does not compute it", instrument, feature_set)
        return None
    try:
        window = history.window(instrument, timeframe, until=mark.closed_at, count=wanted.warmup + 1)
    except NoHistory as error:
        log.info("no history for %s: %s", instrument, error)
        return None
    if len(window) <= wanted.warmup:
        return None
    try:
        row = compute(window, wanted)[-1]
    except BadData as error:
        log.warning("nobody decides on %s: %s", instrument, error)
        return None
    close = window.mid("close")[-1]
    return Seen(
        bar_close_at=window.last_close_at,
        announced_at=mark.announced_at,
        columns=wanted.columns,
        row=row,
        price=Decimal(repr(float(close))),
        average_range=Decimal(repr(float(row[wanted.columns.index("atr_14")] * close))),
    )


def _understand(look: Look, answer: Answer) -> Decision | None:
    """Return what the agent wants now. A policy that fails loses its turn, and after three its trading."""
    agent = look.agent
    try:
        if isinstance(answer, Exception):
            raise answer
        spec = instruments.spec(agent.instrument)
        decision = interpret(answer, held=look.held, max_lots=agent.max_lots, spec=spec)
    except (PolicyFault, PolicyChanged) as error:
        lifecycle.count_fault(agent, str(error), at_once=isinstance(error, PolicyChanged))
        return None
    lifecycle.clear_faults(agent)
    return decision


def _record(look: Look, decision: Decision) -> Signal:
    agent, seen = look.agent, look.seen
    tick_size = instruments.spec(agent.instrument).tick_size
    return signals.record(
        agent,
        decision,
        observation=look.observation,
        bar_close_at=seen.bar_close_at,
        reference_price=seen.price,
        stop_distance=(seen.average_range * agent.stop_atr).quantize(tick_size),
        announced_at=seen.announced_at,
    )


def _submit(signal: Signal, timeframe: Timeframe) -> int | None:
    """Send a signal's legs through the one door; return how many were approved, None for no verdict yet."""
    now = clock.desk_now()
    if has_expired(bar_close_at=signal.bar_close_at, now=now, bar_length=timeframe.length, grace=_grace()):
        return _expire(signal, timeframe, now)
    verdicts: list[Verdict] = []
    try:
        for leg in signals.legs_of(signal):
            verdicts.append(execution.submit(request=_request(signal, leg, timeframe, now)))
            if not isinstance(verdicts[-1], Approved):
                break
    except Busy:
        return None  # no row either: the signal stays open and the next tick asks again
    except Refused as error:
        signals.drop(signal, outcome="refused", text=str(error))
        return 0
    signals.close(signal, verdicts)
    return sum(isinstance(verdict, Approved) for verdict in verdicts)


def _expire(signal: Signal, timeframe: Timeframe, now: datetime) -> int | None:
    """End a signal that found nobody to judge it; its legs are denied, so that none can pass later."""
    try:
        for leg in signals.legs_of(signal):
            execution.expire(request=_request(signal, leg, timeframe, now))
    except Busy:
        return None
    signals.drop(signal, outcome="expired", text="older than one bar")
    return 0


def _request(signal: Signal, leg: Leg, timeframe: Timeframe, now: datetime) -> OrderRequest:
    left = signal.bar_close_at + max(timeframe.length, _grace()) - now
    return OrderRequest(
        account=signal.agent.account,
        source=signal.agent.source,
        instrument=signal.agent.instrument,
        side=leg.side,
        quantity=leg.quantity,
        reduce_only=leg.reduce_only,
        signal_key=signal.key,
        leg=leg.number,
        requested_at=now,
        ttl_s=min(LONGEST_TTL_S, max(int(GRACE_S), int(left.total_seconds() / clock.speed()))),
        stop_distance=signal.stop_distance,
        policy=str(signal.version),
    )


def _grace() -> timedelta:
    return timedelta(seconds=GRACE_S * clock.speed())
