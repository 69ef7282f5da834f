"""Agents on a desk whose market is given bar by bar."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from pytest_django import Settings

from apps.agents import policies, tick
from apps.agents.models import Agent, PolicyVersion, Signal
from apps.agents.tick import Ticked
from apps.brokers import connections
from apps.marketdata import clock, history, ingestion
from apps.portfolio import books
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderStatus
from tests.marketdata.samples import bars
from tests.risk.desk import ACCOUNT, Desk, open_desk

BARS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    desk: Desk
    noon: datetime

    def agent(self, rule: str = "buy-and-hold", *, name: str = "one", **parameters: float) -> Agent:
        return Agent.objects.create(
            slug=name,
            name=name,
            account=ACCOUNT,
            instrument="EURUSD",
            timeframe="1m",
            version=version(rule, **parameters),
            max_lots=Decimal("0.5"),
        )

    def close_bars(self, count: int = BARS, *, late: timedelta = timedelta(0)) -> datetime:
        """Let bars up to noon close and be stored; return the newest close."""
        window = bars(count, first=self.noon - late - timedelta(minutes=count))
        ingestion.publish_bars([window], origin="spread")
        ingestion.drain()
        return window.last_close_at

    def tick(self) -> Ticked:
        self.desk.quote("EURUSD", "1.24999", "1.25001")
        return tick.run()

    def orders(self) -> list[OrderView]:
        return books.orders_in(set(OrderStatus))

    def signals(self) -> list[Signal]:
        return list(Signal.objects.order_by("id"))


def version(rule: str, **parameters: float) -> PolicyVersion:
    return policies.publish(name=rule, rule=rule, parameters=parameters, feature_set="core-1")


def open_floor(settings: Settings, folder: Path) -> Floor:
    desk = open_desk(settings, folder)
    history.ensure_schema()
    connections.seed_paper_connection(account_slug=ACCOUNT, url="http://127.0.0.1:1/mcp", login=100001)
    return Floor(desk=desk, noon=clock.desk_now().replace(second=0, microsecond=0))
