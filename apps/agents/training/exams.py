"""What a trained version is judged on again: other dates behind its training, under the terms it had then."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.agents import policies
from apps.agents.domain.artefact import Artefact
from apps.agents.errors import NotAllowed, TooLittleData, UnknownRun
from apps.agents.learning.market import Terms, TrainingMarket
from apps.agents.models import Agent, PolicyVersion
from apps.agents.training import material, replay
from apps.agents.training.material import FEWEST_ROWS, Periods
from apps.marketdata import history
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.domain.features import FEATURE_SETS
from apps.marketdata.errors import NoHistory


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exam:
    """A policy, the market it is judged on, and what was told of it."""

    version_id: int
    agent: str
    artefact: Artefact
    market: TrainingMarket
    terms: Terms
    periods: Periods
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    agent: str
    account: str
    instrument: str
    timeframe: str
    max_lots: Decimal
    stop_atr: Decimal
    train_from: datetime | None = None
    train_to: datetime | None = None
    eval_from: datetime | None = None
    eval_to: datetime | None = None


def find_version(named: str) -> int:
    """Return the id of a version named by its id, by `NAME vN`, or by its agent. Raise UnknownRun.

    An agent stands for the version it decides by, else for its newest.
    """
    rows = PolicyVersion.objects.filter(kind="learned").order_by("-id")
    name, _, number = named.rpartition(" v")
    if named.isdigit():
        found = PolicyVersion.objects.filter(pk=int(named)).first()
    elif name and number.isdigit():
        found = PolicyVersion.objects.filter(name=name, number=int(number)).first()
    else:
        found = rows.filter(agents__slug=named).first() or rows.filter(name=named).first()
    if found is None:
        raise UnknownRun(f"there is no version {named}: name one by its id, as 'NAME v2', or by its agent")
    return int(found.pk)


def exam(*, version_id: int, eval_from: datetime | None, eval_to: datetime | None) -> Exam:
    """Fetch what a version is judged on; without dates it is all that lies behind its training.

    On a replay that ends where the locked stretch begins. Raise UnknownRun, NotAllowed for a rule and for
    dates that touch the training or that stretch, PolicyChanged, TooLittleData, HardFaults, StoreUnavailable.
    """
    version = PolicyVersion.objects.select_related("run").filter(pk=version_id).first()
    if version is None:
        raise UnknownRun(f"there is no version {version_id}")
    run = version.run
    if run is None or run.train_from is None or run.train_to is None:
        raise NotAllowed(f"{version} was not trained here: there is nothing to keep it apart from")
    agent = Agent.objects.get(pk=run.agent_id)
    artefact = policies.fetch(version.artefact.name or "", version.content_hash)
    first = eval_from or run.eval_from or run.train_to
    if first < run.train_to:
        raise NotAllowed(
            f"{version} was trained on bars up to {run.train_to:%Y-%m-%d %H:%M}: it cannot be judged on them"
        )
    subject = _subject(agent)
    seen = FEATURE_SETS.get(artefact.feature_set)
    if seen is None:
        raise NotAllowed(f"{version} sees {artefact.feature_set}, which this release no longer computes")
    try:
        window = history.stretch(subject.instrument, Timeframe(subject.timeframe), first=None, last=eval_to)
    except NoHistory as error:
        raise TooLittleData(str(error), needed=FEWEST_ROWS, there=0) from error
    window = replay.readable(window, (first, eval_to))
    last = min(eval_to or window.last_close_at, window.last_close_at)
    told = run.config.get("terms")
    return Exam(
        version_id=version.pk,
        agent=agent.slug,
        artefact=artefact,
        market=material.market_of(subject, window, seen, first=first, last=last),
        terms=material.terms_from(told) if told else material.terms_of(subject),
        periods=Periods(train_from=run.train_from, train_to=run.train_to, eval_from=first, eval_to=last),
        note=run.note or agent.note,
    )


def _subject(agent: Agent) -> _Subject:
    return _Subject(
        agent=agent.slug,
        account=agent.account,
        instrument=agent.instrument,
        timeframe=agent.timeframe,
        max_lots=agent.max_lots,
        stop_atr=agent.stop_atr,
    )
