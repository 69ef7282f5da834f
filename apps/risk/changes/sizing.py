"""Puts sizing rules in force, version after version: tighter ones at once, others once two people agree."""

from decimal import Decimal
from fnmatch import fnmatchcase

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint

from apps.broadcast import bell
from apps.risk.breakers.reading import DESK
from apps.risk.changes.guarding import SOURCE, TOPIC, changing, explained, guard_of, note
from apps.risk.changes.moments import database_now
from apps.risk.domain.sizing import AtrTerms, KellyTerms, Rule, is_tighter
from apps.risk.errors import BadChange, NeedsSecondPerson
from apps.risk.models import SizingRule

FAULTS = {
    "risk_sizing_has_sizer": "a rule sizes by risk_fraction, target_volatility, Kelly or a true range",
    "risk_sizing_fraction": "risk_fraction lies above 0 and at most at 1",
    "risk_sizing_volatility": "target_volatility lies above 0 and at most at 10",
    "risk_sizing_stop": "assumed_stop lies above 0 and at most at 1",
    "risk_sizing_kelly": "of Kelly, fraction and probe lie above 0 and at most at 1, the cap at most at 1 if"
    " discrete and at 100 if continuous",
    "risk_sizing_atr": "of a true range, the share lies above 0 and at most at 1, the multiple above 0 and at"
    " most at 100",
}


def set_sizing(
    *,
    source: str,
    reason: str,
    by: str,
    risk_fraction: Decimal | None = None,
    target_volatility: Decimal | None = None,
    assumed_stop: Decimal | None = None,
    kelly: KellyTerms | None = None,
    atr: AtrTerms | None = None,
    drawdown_scaling: bool = False,
) -> SizingRule:
    """Put a tighter sizing rule in force at once, for a source or a pattern such as `agent:*`.

    It sizes what is asked for from now on; what is approved keeps its size. Raise NeedsSecondPerson for a
    rule that could let any order be larger, BadReason, BadChange, Busy.
    """
    explained(reason, by)
    wanted = Rule(
        source=source,
        risk_fraction=risk_fraction,
        target_volatility=target_volatility,
        assumed_stop=assumed_stop,
        kelly=kelly,
        atr=atr,
        drawdown_scaling=drawdown_scaling,
    )
    with changing(guard_of(f"{SOURCE}{source}")):
        if not is_tighter(wanted, displaced(source)):
            text = f"the sizing of {source} could let orders be larger: propose it to a second person"
            raise NeedsSecondPerson(text)
        return put_sizing(wanted, reason=reason, by=by)


def put_sizing(wanted: Rule, *, reason: str, by: str) -> SizingRule:
    """Replace the rule in force, whoever agreed to it. Callers hold its guard's lock. Raise BadChange."""
    new, now = row_of(wanted), database_now()
    sane(new)
    versions = SizingRule.objects.filter(source=wanted.source)
    newest = versions.order_by("-version").first()
    old = versions.filter(ended_at__isnull=True).first()
    versions.filter(ended_at__isnull=True).update(ended_at=now)
    new.version, new.effective_from = newest.version + 1 if newest else 1, now
    new.reason, new.changed_by = reason, by
    new.save(force_insert=True)
    told = {"old": None if old is None else str(old), "new": str(new), "version": str(new.version)}
    note(DESK, kind="risk.sizing", subject=wanted.source, payload=told | {"reason": reason, "by": by})
    bell.after_commit(TOPIC, wanted.source)
    return new


def displaced(source: str) -> Rule | None:
    """Return the rule in force that a new one for this source or pattern takes the place of.

    Patterns end in their only `*`, so of those that cover a pattern one is the longest; that one sizes every
    source which the new rule would size.
    """
    rows = SizingRule.objects.filter(ended_at__isnull=True)
    covering = [row.value() for row in rows if fnmatchcase(source, row.source)]
    return max(covering, key=lambda rule: len(rule.source)) if covering else None


def row_of(wanted: Rule) -> SizingRule:
    """Return an unsaved row of a rule."""
    kelly, atr = wanted.kelly, wanted.atr
    return SizingRule(
        source=wanted.source,
        risk_fraction=wanted.risk_fraction,
        target_volatility=wanted.target_volatility,
        assumed_stop=wanted.assumed_stop,
        kelly_kind=kelly.kind.value if kelly else "",
        kelly_fraction=kelly and kelly.fraction,
        kelly_cap=kelly and kelly.cap,
        kelly_probe=kelly and kelly.probe,
        atr_share=atr and atr.share,
        atr_multiple=atr and atr.multiple,
        atr_timeframe=atr.timeframe if atr else "",
        drawdown_scaling=wanted.drawdown_scaling,
    )


def sane(row: SizingRule) -> None:
    """Raise BadChange for a rule that no order could be sized by."""
    checks = [c for c in SizingRule._meta.constraints if isinstance(c, CheckConstraint)]  # noqa: SLF001
    try:
        row.clean_fields(exclude=("reason", "changed_by"))
    except ValidationError as error:
        raise BadChange(" ".join(error.messages)) from error
    for check in checks:
        if check.name in FAULTS:
            _judge(check, row)


def _judge(check: CheckConstraint, row: SizingRule) -> None:
    try:
        check.validate(SizingRule, row)
    except ValidationError as error:
        raise BadChange(FAULTS[check.name]) from error
