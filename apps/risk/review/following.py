"""What follows from a verdict once it is committed: whom it is told to, and a source that is stopped."""

import logging
from collections.abc import Callable
from functools import partial

from apps.portfolio.domain.order import OrderRequest
from apps.risk import alerts, breakers
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.checks import Finding
from apps.risk.domain.intent import is_agent
from apps.risk.domain.verdict import shown
from apps.risk.review.judging import Judged

log = logging.getLogger(__name__)
REPEAT = "repeat"


def follow(request: OrderRequest, judged: Judged) -> None:
    """Do what follows from a new verdict. It stands whatever becomes of this, which is logged."""
    steps: list[Callable[[], object]] = [
        partial(_alert, request, check=result.check, found=result.found)
        for result in judged.results
        if result.found.soft
    ]
    if any(breach.reason == REPEAT for breach in judged.breaches) and is_agent(request.source):
        steps.append(partial(_stop, request))
    for step in steps:
        try:
            step()
        except Exception:
            log.exception("what follows from a verdict on %s of %s", request.instrument, request.source)


def _stop(request: OrderRequest) -> None:
    """Let an agent that repeats itself open nothing more until staff have looked at it; it may close."""
    breakers.trip(
        scope=request.source,
        level=BreakerLevel.REDUCING,
        cause=f"{REPEAT}: too many entries of {request.instrument} within a minute",
        by="desk",
    )


def _alert(request: OrderRequest, *, check: str, found: Finding) -> None:
    alerts.raise_alert(
        level="info",
        rule="soft_limit",
        scope=f"account:{request.account}",
        text=f"{check}: {shown(found.value)} of {shown(found.limit)} {found.unit}",
        key=f"soft:{request.account}:{request.source}:{request.instrument}:{check}",
    )
