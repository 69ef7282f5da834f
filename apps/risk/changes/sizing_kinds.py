"""Sizing rules that allow more than before, or otherwise: nobody changes one alone."""

from decimal import Decimal

from apps.risk.breakers.reading import DESK
from apps.risk.changes.kind import SOURCES, Facts, Kind, agreed, digits, facts, maybe, only, text
from apps.risk.changes.sizing import set_sizing
from apps.risk.domain.change import Change, Payload
from apps.risk.errors import BadChange
from apps.risk.models import SizingRule

SHARES = ("risk_fraction", "target_volatility", "assumed_stop")


def _clean(payload: Payload) -> Facts:
    only(payload, ("source", *SHARES))
    found = {name: digits(maybe(payload, name)) for name in SHARES}
    if found["risk_fraction"] is None and found["target_volatility"] is None:
        raise BadChange("a rule sizes by risk_fraction, target_volatility or both")
    return {"source": text(payload, "source", like=SOURCES), **found}


def _before(found: Facts) -> Facts:
    row = SizingRule.objects.filter(source=found["source"], ended_at__isnull=True).first()
    if row is None:
        return {}
    return {name: digits(getattr(row, name)) for name in SHARES} | {"version": str(row.version)}


def _apply(change: Change) -> None:
    found = facts(change.payload)
    shares = {name: None if found[name] is None else Decimal(str(found[name])) for name in SHARES}
    set_sizing(source=str(found["source"]), reason=change.reason, by=agreed(change), **shares)


SIZING = Kind(
    clean=_clean,
    guard=lambda _: DESK,
    subject=lambda found: str(found["source"]),
    before=_before,
    apply=_apply,
)
