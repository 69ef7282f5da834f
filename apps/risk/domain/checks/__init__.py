"""Pre-trade checks: a rule is one function, one line in PRE_TRADE and one table of cases in its test."""

import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple

from apps.portfolio.domain.order import OrderRequest
from apps.risk.domain.checks import conduct, correlation, market, order, regulation, room
from apps.risk.domain.checks.check import Applies, At, Check, Context, Finding, Judge
from apps.risk.domain.checks.missing import reason_of
from apps.risk.domain.limits import Metric
from apps.risk.domain.verdict import Breach

__all__ = ["PRE_TRADE", "Applies", "At", "Check", "Context", "Finding", "Result", "run"]

log = logging.getLogger(__name__)

DESK, ACCOUNT, SOURCE = At.DESK, At.ACCOUNT, At.SOURCE
EVERYWHERE = (DESK, ACCOUNT, SOURCE)


def _both(name: str, judge: Judge) -> Check:
    return Check(name=name, applies_to=Applies.BOTH, judge=judge)


def _entries(name: str, judge: Judge, at: At = ACCOUNT) -> Check:
    return Check(name=name, applies_to=Applies.ENTRIES, judge=judge, at=at)


def _at_each(name: str, make: Callable[[At], Judge]) -> tuple[Check, ...]:
    return tuple(_entries(f"{name}_{at}", make(at), at) for at in EVERYWHERE)


def _under(
    name: str, metric: Metric, use: room.Use, *, required: bool = True, base: room.Base = room.of_now
) -> tuple[Check, ...]:
    return _at_each(name, lambda at: room.under(metric, at, use, required=required, base=base))


def _required_at_account(name: str, metric: Metric, use: room.Use) -> tuple[Check, ...]:
    return _at_each(name, lambda at: room.under(metric, at, use, required=at is ACCOUNT))


PRE_TRADE: tuple[Check, ...] = (
    _both("numbers", order.numbers),
    _both("steps", order.steps),
    _both("lot_limits", order.lot_limits),
    _both("ticks", order.ticks),
    _both("own_account", order.own_account),
    _both("within_position", order.within_position),
    _both("fifo", regulation.fifo),
    _both("price_band", market.price_band),
    _both("duplicate", conduct.duplicate),
    _both("self_trade", conduct.self_trade),
    *_at_each("breaker", market.breaker_at),
    _entries("enabled", order.enabled),
    _entries("not_blocked", order.not_blocked),
    _entries("no_doubt", order.no_doubt),
    _entries("permission", conduct.permission, SOURCE),
    _entries("restricted", conduct.restricted),
    _entries("good_quote", market.good_quote),
    _entries("steady_market", market.steady_market),
    _entries("session", market.session),
    _entries("protection", order.protection),
    _entries("throttle_account", conduct.throttled(ACCOUNT)),
    _entries("throttle_source", conduct.throttled(SOURCE), SOURCE),
    _entries("repeat", conduct.repeat, SOURCE),
    _entries("pack", regulation.pack),
    _entries("hedge", regulation.hedge),
    *_under("order_size", Metric.ORDER_SIZE, room.order_size),
    *_under("order_value", Metric.ORDER_VALUE, room.order_value),
    *_required_at_account("capital", Metric.ORDER_EQUITY, room.order_value),
    *_under("position", Metric.POSITION, room.position),
    *_under("gross", Metric.GROSS, room.gross),
    *_under("net", Metric.NET, room.net),
    *_at_each("currency", room.currency_under),
    *_under("margin", Metric.MARGIN, room.margin),
    _entries("free_margin_account", room.under(Metric.FREE_MARGIN, ACCOUNT, room.free_margin)),
    *_under("open_orders", Metric.OPEN_ORDERS, room.open_orders),
    *_under("entries_day", Metric.ENTRIES_DAY, room.entries_day),
    *_under("value_day", Metric.VALUE_DAY, room.value_day),
    *_under("day_loss", Metric.DAY_LOSS, room.day_loss, base=room.day_start),
    *_under("sigma", Metric.SIGMA, correlation.deviation, required=False),
    *_under("var", Metric.VAR, correlation.value_at_risk, required=False),
    *_under("es", Metric.ES, correlation.expected_shortfall, required=False),
)


class Result(NamedTuple):
    """One check that was asked, with what it found, why it denies, if it does, and how long it took."""

    check: str
    found: Finding
    breach: Breach | None
    elapsed_ms: float = 0.0


def _untimed() -> float:
    return 0.0


def run(
    request: OrderRequest,
    context: Context,
    checks: Iterable[Check] = PRE_TRADE,
    *,
    seconds: Callable[[], float] = _untimed,
) -> tuple[Result, ...]:
    """Ask every check that concerns the order. Nothing stops at the first breach: all reasons are wanted.

    `seconds` is a clock that only goes forward, to time each check by.
    """
    results = []
    since = seconds()
    for check in checks:
        if check.concerns(context.intent):
            found = _ask(check, request, context)
            until = seconds()
            elapsed_ms = (until - since) * 1000
            results.append(
                Result(check=check.name, found=found, breach=check.breach(found), elapsed_ms=elapsed_ms)
            )
            results += [_of_its_own(check, other) for other in found.others]
            since = until
    return tuple(results)


def _of_its_own(check: Check, found: Finding) -> Result:
    """Return what a further limit of the same check found: `gross_account EURUSD`."""
    name = f"{check.name} {found.key}"
    return Result(check=name, found=found, breach=check.breach(found, name=name))


def _ask(check: Check, request: OrderRequest, context: Context) -> Finding:
    try:
        return check.judge(request, context)
    except Exception as error:
        reason = reason_of(error)
        if reason:
            return Finding(reason=reason, text=str(error))
        # A check that cannot be computed must deny, not end the permit or let the order through.
        log.exception("check %s failed on an order of %s", check.name, request.source)
        return Finding(reason=f"check_error:{check.name}", text=f"{type(error).__name__}: {error}")
