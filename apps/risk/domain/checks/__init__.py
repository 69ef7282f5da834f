"""Pre-trade checks: a rule is one function, one line in PRE_TRADE and one table of cases in its test."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from apps.portfolio.domain.order import OrderRequest
from apps.portfolio.errors import NoMark, NoRate
from apps.risk.domain.checks import market, order, room
from apps.risk.domain.checks.check import Applies, At, Check, Context, Finding
from apps.risk.domain.limits import Metric, MissingLimit
from apps.risk.domain.verdict import Breach

__all__ = ["PRE_TRADE", "Applies", "At", "Check", "Context", "Finding", "Result", "run"]

log = logging.getLogger(__name__)

ENTRIES, BOTH = Applies.ENTRIES, Applies.BOTH
DESK, ACCOUNT, SOURCE = At.DESK, At.ACCOUNT, At.SOURCE


def _under(name: str, metric: Metric, at: At, use: room.Use, *, required: bool = True) -> Check:
    judge = room.under(metric, at, use, required=required)
    return Check(name=f"{name}_{at}", applies_to=ENTRIES, judge=judge, at=at)


PRE_TRADE: tuple[Check, ...] = (
    Check(name="numbers", applies_to=BOTH, judge=order.numbers),
    Check(name="steps", applies_to=BOTH, judge=order.steps),
    Check(name="lot_limits", applies_to=BOTH, judge=order.lot_limits),
    Check(name="ticks", applies_to=BOTH, judge=order.ticks),
    Check(name="own_account", applies_to=BOTH, judge=order.own_account),
    Check(name="within_position", applies_to=BOTH, judge=order.within_position),
    Check(name="price_band", applies_to=BOTH, judge=market.price_band),
    Check(name="breaker_desk", applies_to=ENTRIES, judge=market.breaker_at(DESK), at=DESK),
    Check(name="breaker_account", applies_to=ENTRIES, judge=market.breaker_at(ACCOUNT), at=ACCOUNT),
    Check(name="breaker_source", applies_to=ENTRIES, judge=market.breaker_at(SOURCE), at=SOURCE),
    Check(name="enabled", applies_to=ENTRIES, judge=order.enabled),
    Check(name="not_blocked", applies_to=ENTRIES, judge=order.not_blocked),
    Check(name="no_doubt", applies_to=ENTRIES, judge=order.no_doubt),
    Check(name="good_quote", applies_to=ENTRIES, judge=market.good_quote),
    Check(name="session", applies_to=ENTRIES, judge=market.session),
    Check(name="protection", applies_to=ENTRIES, judge=order.protection),
    _under("order_size", Metric.ORDER_SIZE, DESK, room.order_size, required=False),
    _under("order_size", Metric.ORDER_SIZE, ACCOUNT, room.order_size),
    _under("order_size", Metric.ORDER_SIZE, SOURCE, room.order_size),
    _under("order_value", Metric.ORDER_VALUE, DESK, room.order_value, required=False),
    _under("order_value", Metric.ORDER_VALUE, ACCOUNT, room.order_value),
    _under("order_value", Metric.ORDER_VALUE, SOURCE, room.order_value),
    _under("capital", Metric.ORDER_EQUITY, ACCOUNT, room.order_value),
    _under("position", Metric.POSITION, ACCOUNT, room.position),
    _under("position", Metric.POSITION, SOURCE, room.position),
    _under("gross", Metric.GROSS, ACCOUNT, room.gross),
    _under("gross", Metric.GROSS, SOURCE, room.gross),
    _under("net", Metric.NET, ACCOUNT, room.net),
    _under("net", Metric.NET, SOURCE, room.net),
    _under("margin", Metric.FREE_MARGIN, ACCOUNT, room.free_margin),
    _under("open_orders", Metric.OPEN_ORDERS, ACCOUNT, room.open_orders),
    _under("open_orders", Metric.OPEN_ORDERS, SOURCE, room.open_orders),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
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
            since = until
    return tuple(results)


def _ask(check: Check, request: OrderRequest, context: Context) -> Finding:
    try:
        return check.judge(request, context)
    except NoRate as error:
        return Finding(reason="no_rate", text=str(error))
    except NoMark as error:
        return Finding(reason="no_mark", text=str(error))
    except MissingLimit as error:
        return Finding(reason="no_limit", text=str(error))
    except Exception as error:
        # A check that cannot be computed must deny, not end the permit or let the order through.
        log.exception("check %s failed on an order of %s", check.name, request.source)
        return Finding(reason=f"check_error:{check.name}", text=f"{type(error).__name__}: {error}")
