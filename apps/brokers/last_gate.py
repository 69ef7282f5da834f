"""The last gate before a venue: asked straight before the first byte, and sharing no code with the first.

It reads rows by SQL and files by hand. What it cannot read, it does not send. Epochs, levels and the kill
file stop what adds risk; reductions, which it derives itself, pass them, unless the kill file says "all".
"""

import atexit
import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Protocol

import psycopg

REDUCING = 2  # the breaker level from which nothing that adds risk is sent
CONNECT_WITHIN_S = 1
ANSWER_WITHIN_MS = 150
AT_THE_VENUE = ["sending", "unknown", "accepted", "partially_filled", "cancel_pending", "replace_pending"]

_FACTS = """
select
  (select fence from brokers_gatewaylease where id = 1),
  (select json_object_agg(scope, json_build_array(level, epoch)) from risk_breakerstate
    where scope = any(%(scopes)s)),
  (select quantity from portfolio_position
    where account_id = a.id and instrument = %(instrument)s and source = ''),
  (select sum(quantity - filled) from portfolio_order
    where account_id = a.id and instrument = %(instrument)s and side = %(side)s and not is_entry
      and status = any(%(open)s)),
  (select price from portfolio_reservation where order_id = o.id),
  (select margin from portfolio_reservation where order_id = o.id),
  a.currency, i.contract_size, i.margin_rate, i.base_currency, i.quote_currency
from portfolio_order o
join portfolio_account a on a.id = o.account_id
left join marketdata_instrument i on i.name = o.instrument
where o.client_order_id = %(order)s and a.slug = %(account)s
"""


class GateOrder(Protocol):
    """What the gate must know of an order; the portfolio's view of one has all of it."""

    @property
    def client_order_id(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def instrument(self) -> str: ...
    @property
    def side(self) -> str: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def price(self) -> Decimal | None: ...
    @property
    def is_entry(self) -> bool: ...
    @property
    def breaker_epochs(self) -> Mapping[str, int]: ...
    @property
    def fence(self) -> int | None: ...
    @property
    def boot_id(self) -> str: ...
    @property
    def deadline_boottime_ns(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """`may_wait` says that the same order may pass a moment later; without it this refusal stands."""

    passed: bool
    reason: str = ""
    may_wait: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Hard caps of this host, written by its operators. Value is in the account's currency."""

    max_order_lots: Decimal
    max_order_value: Decimal
    max_orders_per_second: Decimal
    max_orders_per_minute: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    fence: int | None
    breakers: Mapping[str, tuple[int, int]]  # scope: level, epoch
    position: Decimal
    open_reductions: Decimal  # this order's too
    value: Decimal | None


class _Refused(Exception):  # noqa: N818 - it is the gate's answer on its way out
    def __init__(self, reason: str, *, may_wait: bool = False) -> None:
        super().__init__(reason)
        self.may_wait = may_wait


def check(*, dsn: str, gate_dir: Path, order: GateOrder) -> GateVerdict:
    """Say whether an order may leave now. Never raises: what cannot be read is refused."""
    try:
        kill = kill_mode(gate_dir)
        _not_killed(kill, adds_risk=False)
        caps = read_caps(gate_dir)
        _in_time(order)
        facts = _read(dsn, order)
        _own_fence(order, facts)
        if not is_reduction(order, facts.position, facts.open_reductions):
            _not_killed(kill, adds_risk=True)
            _breakers(order, facts.breakers)
            _size(order, facts, caps)
        _rate(gate_dir, caps)
    except _Refused as refused:
        return GateVerdict(passed=False, reason=str(refused), may_wait=refused.may_wait)
    except (psycopg.Error, OSError, ValueError, KeyError, TypeError, InvalidOperation) as error:
        reason = f"the last gate cannot read what it needs: {type(error).__name__}: {error}".strip()
        return GateVerdict(passed=False, reason=reason, may_wait=True)
    return GateVerdict(passed=True)


def kill_mode(gate_dir: Path) -> str:
    """Return "" where no kill file is, else "entries" or "all". A folder that is not there counts as set."""
    if not gate_dir.is_dir():
        return "all"
    try:
        said = (gate_dir / "KILL").read_text().strip().lower()
    except FileNotFoundError:
        return ""
    except OSError:
        return "all"
    return "entries" if said in {"", "entries"} else "all"


def read_caps(gate_dir: Path) -> Caps:
    """Raise OSError, ValueError or KeyError for a file that is absent, broken or open to others."""
    path = gate_dir / "caps.json"
    if path.stat().st_mode & 0o022:
        raise ValueError(f"{path} may be written by others than its owner")
    raw: dict[str, Any] = json.loads(path.read_text())
    caps = {name: Decimal(str(raw[name])) for name in Caps.__dataclass_fields__}
    wrong = [name for name, cap in caps.items() if not cap.is_finite() or cap <= 0]
    if wrong:
        raise ValueError(f"{path}: {', '.join(wrong)} must be above zero")
    return Caps(**caps)


def is_reduction(order: GateOrder, position: Decimal, open_reductions: Decimal) -> bool:
    """Derive again that an exit only shrinks: all open exits on its side together fit into the position."""
    sign = 1 if order.side == "buy" else -1
    room = -position * sign
    return not order.is_entry and order.quantity <= room and open_reductions <= room


def _not_killed(kill: str, *, adds_risk: bool) -> None:
    if kill == "all" or (kill and adds_risk):
        raise _Refused("the kill file stops " + ("every order" if kill == "all" else "what adds risk"))


def _in_time(order: GateOrder) -> None:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    if order.boot_id != boot:
        raise _Refused("expired: the order was approved on another boot of this machine")
    if time.clock_gettime_ns(time.CLOCK_BOOTTIME) >= order.deadline_boottime_ns:
        raise _Refused("expired: the order's time to live has passed")


def _own_fence(order: GateOrder, facts: _Facts) -> None:
    if order.fence is None or order.fence != facts.fence:
        raise _Refused(f"fence {order.fence} is void: the gateway's is {facts.fence}")


def _breakers(order: GateOrder, breakers: Mapping[str, tuple[int, int]]) -> None:
    for scope in scopes_of(order):
        if scope not in breakers:
            raise _Refused(f"the breaker of {scope} cannot be read")
        level, epoch = breakers[scope]
        if level >= REDUCING:
            raise _Refused(f"the breaker of {scope} stands at level {level}")
        if order.breaker_epochs.get(scope) != epoch:
            raise _Refused(f"the breaker of {scope} has moved since the order was approved")


def scopes_of(order: GateOrder) -> list[str]:
    own = [order.source] if order.source.startswith("agent:") else []
    return ["desk", f"account:{order.account}", *own]


def _size(order: GateOrder, facts: _Facts, caps: Caps) -> None:
    if order.quantity > caps.max_order_lots:
        raise _Refused(f"{order.quantity} lots exceed the host's cap of {caps.max_order_lots}")
    if facts.value is None:
        raise _Refused("the order's value cannot be told")
    if facts.value > caps.max_order_value:
        raise _Refused(f"a value of {facts.value:.2f} exceeds the host's cap of {caps.max_order_value}")


# Rates


@dataclass(slots=True)
class _Bucket:
    """Tokens that come at a rate and pile up for a second or a minute. It starts empty."""

    since: float = field(default_factory=time.monotonic)
    tokens: Decimal = Decimal(0)

    def refill(self, most: Decimal, per_s: Decimal, now: float) -> None:
        self.tokens = min(most, self.tokens + per_s * Decimal(repr(now - self.since)))
        self.since = now


class _Buckets:
    """One pair for each gate folder, from the start of this process on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pairs: dict[Path, tuple[_Bucket, _Bucket]] = {}
        self._born = time.monotonic()

    def take(self, gate_dir: Path, caps: Caps) -> str:
        """Take a token of each, or return which rate has none."""
        with self._lock:
            second, minute = self._pairs.setdefault(gate_dir, (_Bucket(self._born), _Bucket(self._born)))
            now = time.monotonic()
            second.refill(caps.max_orders_per_second, caps.max_orders_per_second, now)
            minute.refill(caps.max_orders_per_minute, caps.max_orders_per_minute / 60, now)
            if second.tokens < 1:
                return f"{caps.max_orders_per_second} orders a second"
            if minute.tokens < 1:
                return f"{caps.max_orders_per_minute} orders a minute"
            second.tokens -= 1
            minute.tokens -= 1
            return ""


_buckets = _Buckets()


def _rate(gate_dir: Path, caps: Caps) -> None:
    if spent := _buckets.take(gate_dir, caps):
        raise _Refused(f"the host's rate of {spent} is used up", may_wait=True)


# Rows

Connection = psycopg.Connection[tuple[Any, ...]]
_idle: dict[str, list[Connection]] = {}  # by address; list operations are atomic, so no lock


def close_idle() -> None:
    """Close the connections that the gate keeps between two orders."""
    for kept in _idle.values():
        while kept:
            kept.pop().close()


atexit.register(close_idle)


@contextlib.contextmanager
def _connection(dsn: str) -> Iterator[Connection]:
    """Lend a connection. One on which anything went wrong is not kept."""
    kept = _idle.setdefault(dsn, [])
    try:
        connection = kept.pop()
    except IndexError:
        connection = psycopg.connect(
            dsn,
            autocommit=True,
            connect_timeout=CONNECT_WITHIN_S,
            application_name="mtquant-last-gate",
            options=f"-c statement_timeout={ANSWER_WITHIN_MS}",
        )
    try:
        yield connection
    except BaseException:
        connection.close()
        raise
    kept.append(connection)


def _read(dsn: str, order: GateOrder) -> _Facts:
    """Read everything in one statement, so that all of it is of one moment."""
    wanted = {
        "scopes": scopes_of(order),
        "instrument": order.instrument,
        "side": str(order.side),
        "open": AT_THE_VENUE,
        "order": order.client_order_id,
        "account": order.account,
    }
    with _connection(dsn) as connection:
        row = connection.execute(_FACTS, wanted).fetchone()
    if row is None:
        raise _Refused("the order has no row")
    fence, breakers, position, reductions, price, margin, *units = row
    return _Facts(
        fence=fence,
        breakers={scope: (level, epoch) for scope, (level, epoch) in (breakers or {}).items()},
        position=position or Decimal(0),
        open_reductions=reductions or Decimal(0),
        value=_value(order, order.price or price, margin, *units),
    )


def _value(
    order: GateOrder,
    price: Decimal | None,
    margin: Decimal | None,
    currency: str,
    contract_size: Decimal | None,
    margin_rate: Decimal | None,
    base: str | None,
    quote: str | None,
) -> Decimal | None:
    """Return the order's value in the account's currency, None where it cannot be told."""
    if contract_size is None or margin_rate is None:
        return None
    units = order.quantity * contract_size
    if quote == currency:
        return units * price if price else None
    if base == currency:
        return units
    # Neither side is the account's money: the reserved margin is in it, and is a known share of the value.
    return margin / margin_rate if margin and margin_rate else None
