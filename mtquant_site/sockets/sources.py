"""Where channels read: the bodies of each app's REST, and which rings concern them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from apps.agents.api import bodies as desk_agents
from apps.broadcast import bell
from apps.broadcast.feed import Bodies, Source
from apps.broadcast.hearing import Ring
from apps.brokers.api import bodies as brokers
from apps.marketdata.api import bodies as marketdata
from apps.marketdata.domain.bar import Timeframe
from apps.portfolio.api import bodies as portfolio
from apps.risk.api import bodies as risk

LISTED = 50
BARS = 100
WHOLE = ""  # the key of a channel that is one body


def orders(account: str) -> Source:
    def read(keys: Sequence[str]) -> Bodies:
        rows = portfolio.order_rows().filter(account__slug=account, client_order_id__in=keys)
        return {row["client_order_id"]: portfolio.order_of(row) for row in rows}

    return counted("orders", account, lambda: portfolio.orders(account=account, limit=LISTED), read)


def fills(account: str) -> Source:
    def read(keys: Sequence[str]) -> Bodies:
        rows = portfolio.fill_rows().filter(account__slug=account, execution_id__in=keys)
        return {row["execution_id"]: portfolio.fill_of(row) for row in rows}

    return counted("fills", account, lambda: portfolio.fills(account=account, limit=LISTED), read)


def positions(account: str) -> Source:
    def read() -> dict[str, Any]:
        return items(portfolio.position_bodies(account))

    return whole(read, topics=("positions",), concerns=lambda ring: ring.key == account)


def account(slug: str) -> Source:
    def concerns(ring: Ring) -> bool:
        return ring.key == (f"account:{slug}" if ring.topic == "breakers" else slug)

    return whole(
        lambda: risk.account_body(slug),
        topics=("accounts", "equity", "positions", "breakers"),
        concerns=concerns,
    )


def signals(agent: str) -> Source:
    def read(keys: Sequence[str]) -> Bodies:
        rows = desk_agents.signal_rows().filter(agent__slug=agent, pk__in=keys)
        return {str(body["id"]): body for body in desk_agents.signals_of(list(rows))}

    return counted("signals", agent, lambda: desk_agents.signal_bodies(agent, limit=LISTED), read)


def agents() -> Source:
    return Source(
        snapshot=lambda: items(desk_agents.agent_bodies()),
        bodies=lambda keys: {body["slug"]: body for body in desk_agents.agent_bodies(keys)},
        topics=("agents", "signals"),
        key_of=_agent_of,
        owner_of=lambda body: str(body["slug"]),
    )


def agent(slug: str, *rights: str) -> Source:
    return whole(
        lambda: desk_agents.detail_body(slug, rights=rights),
        topics=("agents", "signals"),
        concerns=lambda ring: _agent_of(ring) == slug,
    )


def _agent_of(ring: Ring) -> str:
    return ring.scope if ring.topic == "signals" else ring.key


def run(run_id: str) -> Source:
    return whole(
        lambda: desk_agents.run_body(int(run_id)),
        topics=("runs",),
        concerns=lambda ring: ring.key == run_id,
    )


def breakers() -> Source:
    def read(keys: Sequence[str]) -> Bodies:
        return {body["scope"]: body for body in risk.all_breakers() if body["scope"] in keys}

    return Source(
        snapshot=lambda: items(risk.all_breakers()),
        bodies=read,
        topics=("breakers",),
        key_of=lambda ring: ring.key,
        counter=bell.counter("breakers"),
        owner_of=lambda body: str(body["scope"]),
    )


def alerts(*scopes: str) -> Source:
    """Send what is open in these scopes, whole each time: so an alert that is over leaves the list."""

    def read() -> dict[str, Any]:
        return items(risk.alert_bodies(scopes, limit=LISTED))

    return Source(
        snapshot=read,
        bodies=lambda keys: dict.fromkeys(keys, read()),
        topics=("alerts",),
        key_of=lambda ring: ring.key,
        counter=bell.counter("alerts"),
    )


def connections() -> Source:
    def read(keys: Sequence[str]) -> Bodies:
        return {body["slug"]: body for body in brokers.connection_bodies() if body["slug"] in keys}

    return Source(
        snapshot=lambda: items(brokers.connection_bodies()),
        bodies=read,
        topics=("connection",),
        key_of=lambda ring: ring.key,
        owner_of=lambda body: str(body["account"]),
    )


def quotes(instrument: str) -> Source:
    return whole(lambda: marketdata.quote_body(instrument))


def bars(instrument: str, timeframe: str) -> Source:
    return whole(lambda: marketdata.bars_body(instrument, Timeframe(timeframe), limit=BARS))


def system() -> Source:
    return whole(marketdata.clock_body)


def items(bodies: Iterable[Any]) -> dict[str, Any]:
    """Return the data of a channel that is a list."""
    return {"items": list(bodies)}


def scoped(scope: str) -> Callable[[Ring], str | None]:
    """Take the rings of one scope, with the key that each names."""
    return lambda ring: ring.key if ring.scope == scope else None


def counted(
    topic: str,
    scope: str,
    newest: Callable[[], Iterable[Any]],
    bodies: Callable[[Sequence[str]], Bodies],
) -> Source:
    """Make the source of a lossless channel: the rings of one scope, numbered by the bell."""
    return Source(
        snapshot=lambda: items(newest()),
        bodies=bodies,
        topics=(topic,),
        key_of=scoped(scope),
        counter=bell.counter(topic, scope),
    )


def whole(
    read: Callable[[], Any],
    *,
    topics: tuple[str, ...] = (),
    concerns: Callable[[Ring], bool] = lambda _: True,
) -> Source:
    """Make the source of a channel that is always sent whole, the latest value only."""
    return Source(
        snapshot=read,
        bodies=lambda _keys: {WHOLE: read()},
        topics=topics,
        key_of=lambda ring: WHOLE if concerns(ring) else None,
    )
