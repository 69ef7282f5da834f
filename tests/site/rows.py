"""A small desk made by hand: a row of everything that pages show, three where lists repeat."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from apps.agents import lifecycle
from apps.agents.models import Agent, AgentEvent, Evaluation, PolicyVersion, Signal, TrainingRun
from apps.brokers.models import BrokerConnection, ConnectionCheck, SymbolMapping
from apps.marketdata import instruments
from apps.marketdata.models import DataSet, FeedRun, Instrument, QualityReport
from apps.portfolio import audit
from apps.portfolio.models import (
    Account,
    CashFlow,
    EquitySnapshot,
    Fill,
    Order,
    OrderEvent,
    Position,
)
from apps.risk import changes
from apps.risk.domain.change import ChangeKind
from apps.risk.models import (
    Alert,
    BreakerEvent,
    BreakerState,
    ChangeRequest,
    InstrumentClass,
    InstrumentPermission,
    RestrictedInstrument,
    RiskLimit,
    RiskReview,
    RiskSnapshot,
    SizingRule,
)

MEMBERS = [{"seed": 0, "net_return": 0.001, "sharpe": 0.4, "max_drawdown": 0.01, "trades": 12}]
SCORES = [
    {"name": name, "net_return": 0.001, "sharpe": None, "max_drawdown": 0.01, "trades": 12, "turnover": 3.5,
     "costs": 40.0, "exposure": 0.5, "low": None, "high": None}
    for name in ("agent", "flat", "buy-and-hold", "ma-cross", "random")
]  # fmt: skip
DESK_AT = datetime(2026, 1, 6, 3, 12, tzinfo=UTC)
D = Decimal
SOMEBODY = "user:999999"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    account: Account
    breaker: BreakerState
    agent: Agent
    limit: RiskLimit
    alert: Alert
    order: Order
    review: RiskReview
    change: ChangeRequest
    permission: InstrumentPermission
    restricted: RestrictedInstrument


@transaction.atomic
def make() -> Desk:
    account = Account.objects.create(
        slug="paper-1", name="Paper", currency="USD", login="100001", cash=D(100_000), leverage=D(30)
    )
    lifecycle.seed_agents(account="paper-1", instruments=["EURUSD"], timeframe="1m", max_lots=D(1))
    review, order = _trading(account)
    _venue(account)
    instruments.forget()
    _learning()
    limit = _risk()
    return Desk(
        account=account,
        breaker=BreakerState.objects.get(scope="account:paper-1"),
        agent=Agent.objects.get(slug="eurusd-ma-cross"),
        limit=limit,
        alert=Alert.objects.get(),
        order=order,
        review=review,
        change=ChangeRequest.objects.latest("id"),
        permission=InstrumentPermission.objects.get(),
        restricted=RestrictedInstrument.objects.get(),
    )


def _trading(account: Account) -> tuple[RiskReview, Order]:
    for number, equity in enumerate((100_000, 101_000, 98_500)):
        EquitySnapshot.objects.create(
            account=account, cash=D(100_000), open_profit=D(equity - 100_000), equity=D(equity),
            margin_used=D(3000), gross=D(90_000), desk_at=DESK_AT + timedelta(minutes=number),
        )  # fmt: skip
    for agent in Agent.objects.select_related("version"):
        review, order = _order(account, agent)
        Position.objects.create(
            account=account, instrument=agent.instrument, source=agent.source, quantity=D("0.5"),
            average_price=D("1.08"), realized=D("12.5"),
        )  # fmt: skip
        Signal.objects.create(
            agent=agent, version=agent.policy, bar_close_at=DESK_AT, target=1.0, outcome="approved",
            legs=[{"number": 0, "side": "buy", "quantity": "0.50", "reduce_only": False}],
            observation={"rsi_14": 0.2}, observation_hash="ab" * 32, reference_price=D("1.08"),
            stop_distance=D("0.003"),
        )  # fmt: skip
    CashFlow.objects.create(account=account, movement_id="1", amount=D(100_000), moved_at=DESK_AT)
    audit.append(chain=audit.chain_of("paper-1"), kind="order", subject="x", payload={})
    return review, order


def _order(account: Account, agent: Agent) -> tuple[RiskReview, Order]:
    ident = f"mtq{agent.pk:021d}"
    reasons = [
        {"check": "gross", "value": "1203000", "limit": "1000000", "unit": "money", "text": "too much"}
    ]
    review = RiskReview.objects.create(
        client_order_id=ident, account=account.slug, source=agent.source, instrument=agent.instrument,
        verdict="denied", request={"side": "buy"}, reasons=reasons, elapsed_ms=7.25,
        results=[{"check": "gross", "passed": False, "value": "1203000", "limit": "1000000"}],
    )  # fmt: skip
    order = Order.objects.create(
        client_order_id=ident, number=agent.pk, account=account, source=agent.source, signal_key="k",
        review_id=review.pk, instrument=agent.instrument, side="buy", order_type="market",
        requested_quantity=D("0.5"), quantity=D("0.5"), status="denied", reasons=reasons,
        requested_at=DESK_AT,
    )  # fmt: skip
    OrderEvent.objects.create(order=order, kind="opened", new_status="denied")
    Fill.objects.create(
        account=account, order=order, execution_id=ident, instrument=agent.instrument, side="buy",
        quantity=D("0.5"), price=D("1.08"), profit=D("-3.2"), commission=D(-1), swap=D(0), fee=D(0),
        reason="client", shares={agent.source: "0.5"}, executed_at=DESK_AT,
    )  # fmt: skip
    return review, order


def _learning() -> None:
    """One agent that was trained and deployed, and two trainings that did not get that far."""
    agent = Agent.objects.create(
        slug="eurusd-ppo",
        account="paper-1",
        instrument="EURUSD",
        timeframe="1m",
        max_lots=D(1),
        stage="research",
    )
    AgentEvent.objects.create(agent=agent, kind="made", by="desk", reason="to be trained")
    run = TrainingRun.objects.create(
        agent=agent, status="running", config={"seeds": 1, "steps": 4096}, requested_by="desk", owner="one",
        started_at=timezone.now(), heartbeat_at=timezone.now(), fingerprint={"torch": "2"},
        progress={"seeds": 1, "seed_index": 0, "step": 4096, "steps": 4096, "curve": [[[4096, 0.1]]]},
    )  # fmt: skip
    version = PolicyVersion.objects.create(
        name=agent.slug, number=1, kind="learned", feature_set="core-1", content_hash="cd" * 32,
        artefact="cd" * 32, run=run,
    )  # fmt: skip
    TrainingRun.objects.filter(pk=run.pk).update(status="done", version=version, finished_at=timezone.now())
    for status, error in (("failed", "data refused"), ("interrupted", "")):
        TrainingRun.objects.create(
            agent=agent, status=status, error=error, requested_by="desk", finished_at=timezone.now()
        )
    for _ in range(3):
        Evaluation.objects.create(
            version=version, eval_from=DESK_AT, eval_to=DESK_AT + timedelta(days=9), data_hash="ef" * 32,
            cost_version="paper-1", spread_label="recorded", rows=SCORES, members=MEMBERS,
            equity={"agent": [[0, 100_000.0], [60, 100_120.0]]}, drawdown={"agent": [[0, 0.0], [60, 0.01]]},
            note="too few for the gates",
        )  # fmt: skip


def _venue(account: Account) -> None:
    connection = BrokerConnection.objects.create(
        slug="paper-mt5", account=account, url="http://127.0.0.1:9/mcp", state="up", latency_ms=6.4
    )
    for role in ("orders", "quotes"):
        ConnectionCheck.objects.create(connection=connection, role=role, state="up")
    for name in ("EURUSD", "GBPUSD", "USDJPY"):
        SymbolMapping.objects.create(connection=connection, instrument=name, symbol=name, confirmed=True)
        Instrument.objects.create(
            name=name, base_currency=name[:3], quote_currency=name[3:], contract_size=D(100_000),
            tick_size=D("0.00001"), lot_step=D("0.01"), lot_min=D("0.01"), lot_max=D(50),
            margin_rate=D("0.0333"), source="run-test",
        )  # fmt: skip
        FeedRun.objects.create(
            source="run-test", instrument=name, timeframe="1m", native=True, closed_through=DESK_AT,
            announced_at=timezone.now(),
        )  # fmt: skip
        QualityReport.objects.create(
            source="run-test", instrument=name, kind="crossed", detail="bid above ask", desk_hour_at=DESK_AT,
            first_seen_at=DESK_AT,
        )  # fmt: skip

    DataSet.objects.create(
        source="run-test", instrument="EURUSD", timeframe="1h", origin="EURUSD.parquet", spread="assumed:v1",
        bars=3, first_at=DESK_AT, last_at=DESK_AT + timedelta(hours=3),
    )  # fmt: skip


def _risk() -> RiskLimit:
    for scope in ("desk", "account:paper-1", "agent:eurusd-ma-cross"):
        BreakerState.objects.create(
            scope=scope, drawdown=D("0.0248"), high_water_mark=D(101_000), equity=D(98_500)
        )
        BreakerEvent.objects.create(
            scope=scope, kind="tripped", old_level=0, new_level=1, epoch=2, cause="a test", by="desk",
            desk_at=DESK_AT,
        )  # fmt: skip
    RiskSnapshot.objects.create(account="paper-1", equity=D(98_500), marks_good=True, desk_at=DESK_AT)
    Alert.objects.create(level="warning", rule="stale", key="stale:EURUSD", text="EURUSD has no fresh quote")
    SizingRule.objects.create(source="*", risk_fraction=D("0.01"), reason="test", changed_by="desk")
    limit = RiskLimit.objects.create(
        scope="account:paper-1", metric="gross", soft=D(12), hard=D(15), unit="equity", reason="test",
        changed_by="desk",
    )  # fmt: skip
    _permissions()
    _waiting(limit)
    return limit


def _permissions() -> None:
    kept = {"reason": "test", "changed_by": "desk"}
    InstrumentPermission.objects.create(source="*", instrument="*", **kept)
    RestrictedInstrument.objects.create(instrument="XAGUSD", **kept)
    for name in ("EURUSD", "GBPUSD", "USDJPY"):
        InstrumentClass.objects.create(instrument=name, kind="fx_major", **kept)


def _waiting(limit: RiskLimit) -> None:
    """Three changes that somebody who is not of the cast has proposed."""
    looser = changes.payload_of(replace(limit.value(), hard=D(20)))
    for kind, payload in (
        (ChangeKind.CLASS, {"instrument": "XAUUSD", "kind": "gold"}),
        (ChangeKind.RESTRICTION_END, {"instrument": "XAGUSD"}),
        (ChangeKind.LIMIT, looser),
    ):
        changes.propose(kind=kind, payload=payload, reason="more room is needed", by=SOMEBODY)
