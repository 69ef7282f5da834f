"""The last gate before a venue: asked straight before the first byte, and sharing no code with the first.

It reads rows by SQL and files by hand. What it cannot read, it does not send. Epochs, levels and the kill
file stop what adds risk; reductions, which it derives itself, pass them, unless the kill file says "all".
"""

import time
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

import psycopg

from apps.brokers.last_gate.asking import GateOrder, GateTerms, GateVerdict, Refused, scopes_of
from apps.brokers.last_gate.host import Buckets, Caps, kill_mode, read_caps
from apps.brokers.last_gate.rows import Facts, close_idle, read

__all__ = [
    "GateOrder",
    "GateTerms",
    "GateVerdict",
    "check",
    "check_change",
    "close_idle",
    "is_reduction",
    "kill_mode",
    "lowers",
    "read_caps",
]

REDUCING = 2  # the breaker level from which nothing that adds risk is sent


def check(*, dsn: str, gate_dir: Path, order: GateOrder) -> GateVerdict:
    """Say whether an order may leave now. Never raises: what cannot be read is refused."""

    def adds_risk(facts: Facts) -> bool:
        return not is_reduction(order, facts.position, facts.open_reductions)

    return _judged(dsn, gate_dir, order, adds_risk)


def check_change(*, dsn: str, gate_dir: Path, order: GateTerms, before: GateTerms) -> GateVerdict:
    """Say whether a change of a resting order may leave now; `order` has the terms that it leads to.

    What asks for no more lots, no worse price and no wider stop adds no risk. Never raises.
    """
    return _judged(dsn, gate_dir, order, lambda _: not lowers(order, before))


def _judged(dsn: str, gate_dir: Path, order: GateOrder, adds_risk: Callable[[Facts], bool]) -> GateVerdict:
    try:
        kill = kill_mode(gate_dir)
        _not_killed(kill, adds_risk=False)
        caps = read_caps(gate_dir)
        _in_time(order)
        facts = read(dsn, order)
        _own_fence(order, facts)
        if adds_risk(facts):
            _not_killed(kill, adds_risk=True)
            _breakers(order, facts.breakers)
            _size(order, facts, caps)
        _rate(gate_dir, caps)
    except Refused as refused:
        return GateVerdict(passed=False, reason=str(refused), may_wait=refused.may_wait)
    except (psycopg.Error, OSError, ValueError, KeyError, TypeError, InvalidOperation) as error:
        reason = f"the last gate cannot read what it needs: {type(error).__name__}: {error}".strip()
        return GateVerdict(passed=False, reason=reason, may_wait=True)
    return GateVerdict(passed=True)


def lowers(order: GateTerms, before: GateTerms) -> bool:
    """Tell whether a change asks for no more lots, no worse price and no wider stop than there were."""
    sign = 1 if order.side == "buy" else -1
    if order.quantity > before.quantity or (order.price is None) is not (before.price is None):
        return False
    if order.price is not None and before.price is not None and (order.price - before.price) * sign > 0:
        return False
    if before.stop_loss is None:
        return True
    return order.stop_loss is not None and (order.stop_loss - before.stop_loss) * sign >= 0


def is_reduction(order: GateOrder, position: Decimal, open_reductions: Decimal) -> bool:
    """Derive again that an exit only shrinks: all open exits on its side together fit into the position."""
    sign = 1 if order.side == "buy" else -1
    room = -position * sign
    return not order.is_entry and order.quantity <= room and open_reductions <= room


def _not_killed(kill: str, *, adds_risk: bool) -> None:
    if kill == "all" or (kill and adds_risk):
        raise Refused("the kill file stops " + ("every order" if kill == "all" else "what adds risk"))


def _in_time(order: GateOrder) -> None:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    if order.boot_id != boot:
        raise Refused("expired: the order was approved on another boot of this machine")
    if time.clock_gettime_ns(time.CLOCK_BOOTTIME) >= order.deadline_boottime_ns:
        raise Refused("expired: the order's time to live has passed")


def _own_fence(order: GateOrder, facts: Facts) -> None:
    if order.fence is None or order.fence != facts.fence:
        raise Refused(f"fence {order.fence} is void: the gateway's is {facts.fence}")


def _breakers(order: GateOrder, breakers: Mapping[str, tuple[int, int]]) -> None:
    for scope in scopes_of(order):
        if scope not in breakers:
            raise Refused(f"the breaker of {scope} cannot be read")
        level, epoch = breakers[scope]
        if level >= REDUCING:
            raise Refused(f"the breaker of {scope} stands at level {level}")
        if order.breaker_epochs.get(scope) != epoch:
            raise Refused(f"the breaker of {scope} has moved since the order was approved")


def _size(order: GateOrder, facts: Facts, caps: Caps) -> None:
    if order.quantity > caps.max_order_lots:
        raise Refused(f"{order.quantity} lots exceed the host's cap of {caps.max_order_lots}")
    if facts.value is None:
        raise Refused("the order's value cannot be told")
    if facts.value > caps.max_order_value:
        raise Refused(f"a value of {facts.value:.2f} exceeds the host's cap of {caps.max_order_value}")


_buckets = Buckets()


def _rate(gate_dir: Path, caps: Caps) -> None:
    if spent := _buckets.take(gate_dir, caps):
        raise Refused(f"the host's rate of {spent} is used up", may_wait=True)
