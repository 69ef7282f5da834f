"""People and causes that move a breaker: trip it up, reset it down."""

from django.db import transaction

from apps.portfolio import locks
from apps.portfolio.errors import Busy as ScopeHeld
from apps.risk.breakers import measuring, writing
from apps.risk.breakers.measuring import Seen
from apps.risk.breakers.reading import ACCOUNT, AGENT, DESK, BreakerView, state, states
from apps.risk.domain.breaker import Bases, BreakerLevel, LossBase
from apps.risk.domain.change import ChangeKind, ChangeState
from apps.risk.errors import BadReason, Busy, NeedsSecondPerson, UnknownEquity, UnknownScope
from apps.risk.models import BreakerEvent, BreakerState, ChangeRequest

WAIT_S = 2.0


def trip(*, scope: str, level: BreakerLevel, cause: str, by: str) -> BreakerView:
    """Raise a scope to a level; one that stands there or higher stays. Raise BadReason, UnknownScope, Busy.

    A trip of the desk waits for every review under way and lets none start.
    """
    _check(cause, by)
    try:
        with transaction.atomic():
            hold(scope)
            row = states([scope])[scope]
            if row.level < level:
                writing.move(row, level, kind="tripped", cause=cause, by=by, detail={})
                row.save()
    except ScopeHeld as error:
        raise Busy(str(error)) from error
    return state(scope)


def reset(
    *, scope: str, reason: str, by: str, approval: int | None = None, seen: Seen | None = None
) -> BreakerView:
    """Put a scope back to NORMAL; an account's losses count anew from its equity now.

    Without that the loss that tripped it would trip it again at the next valuation; the event keeps the
    old bases. `approval` is the request by which two people agreed to leave HALTED; it counts once. Whoever
    holds the scope already gives the quotes that it has `seen` before. Raise BadReason, UnknownScope, Busy,
    UnknownEquity where positions have no good marks, and NeedsSecondPerson.
    """
    _check(reason, by)
    seen = seen or measuring.look()  # not under the lock: a store that is away makes others wait
    try:
        with transaction.atomic():
            hold(scope)
            row = states([scope])[scope]
            if row.level >= BreakerLevel.HALTED:
                _two_people_agreed(scope, approval)
            if row.level > BreakerLevel.NORMAL:
                _restart(row, seen, reason=reason, by=by, approval=approval)
                row.save()
    except ScopeHeld as error:
        raise Busy(str(error)) from error
    return state(scope)


def _two_people_agreed(scope: str, approval: int | None) -> None:
    """Raise NeedsSecondPerson unless this approved request is for this scope and was not used yet."""
    if approval is None:
        raise NeedsSecondPerson(f"{scope} is HALTED: propose its reset to a second person")
    agreed = ChangeRequest.objects.filter(
        pk=approval,
        kind=ChangeKind.BREAKER_RESET.value,
        subject=scope,
        state=ChangeState.APPROVED.value,
    )
    used = BreakerEvent.objects.filter(scope=scope, kind="reset", detail__approval=approval)
    if not agreed.exists() or used.exists():
        raise NeedsSecondPerson(f"nobody agreed to this reset of {scope} by request {approval}")


def _restart(row: BreakerState, seen: Seen, *, reason: str, by: str, approval: int | None) -> None:
    detail: dict[str, object] = {
        "old_high_water_mark": _text(row.high_water_mark),
        "old_day_start": _text(row.day_start),
        "old_initial": _text(row.initial),
        "old_drawdown": _text(row.drawdown),
    }
    if approval is not None:
        detail["approval"] = approval
    if row.scope.startswith(ACCOUNT):
        worth = measuring.value(row.scope.removeprefix(ACCOUNT), seen)
        if worth is None or not worth.marks_good:
            raise UnknownEquity(
                f"{row.scope} holds a position without a fresh price: the loss base is unknown"
            )
        bases = Bases.at(worth.equity, flows=worth.flows, day=seen.day)
        writing.take_over(
            row, bases, equity=worth.equity, drawdown=worth.equity * 0, base=LossBase.HIGH_WATER_MARK
        )
        detail["new_high_water_mark"] = _text(row.high_water_mark)
    writing.move(row, BreakerLevel.NORMAL, kind="reset", cause=reason, by=by, detail=detail)


def hold(scope: str) -> None:
    """Take the lock of a scope, for changes of what its orders are judged by. Raise UnknownScope."""
    if scope == DESK:
        locks.lock_desk(wait_s=WAIT_S)
    elif scope.startswith(ACCOUNT):
        locks.take(accounts=(scope.removeprefix(ACCOUNT),), wait_s=WAIT_S)
    elif scope.startswith(AGENT):
        locks.take(agents=(scope.removeprefix(AGENT),), wait_s=WAIT_S)
    else:
        raise UnknownScope(f"a breaker has the scope desk, account:SLUG or agent:SLUG, not {scope!r}")


def _check(reason: str, by: str) -> None:
    if not reason.strip() or not by.strip():
        raise BadReason("a breaker is moved by somebody and for a reason")


def _text(number: object) -> str:
    return "" if number is None else str(number)
