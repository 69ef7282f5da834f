"""Puts sizing rules in force, version after version."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from apps.broadcast import bell
from apps.portfolio import audit
from apps.portfolio.errors import Busy as ScopeHeld
from apps.risk.breakers.moving import hold
from apps.risk.breakers.reading import DESK
from apps.risk.changes.guarding import TOPIC
from apps.risk.errors import BadReason, Busy
from apps.risk.models import SizingRule


def set_sizing(
    *,
    source: str,
    reason: str,
    by: str,
    risk_fraction: Decimal | None = None,
    target_volatility: Decimal | None = None,
    assumed_stop: Decimal | None = None,
) -> SizingRule:
    """Put a sizing rule in force for a source or a pattern such as `agent:*`. Raise BadReason, Busy.

    It sizes what is asked for from now on; what is approved keeps its size.
    """
    if not reason.strip() or not by.strip():
        raise BadReason("a sizing rule is changed by somebody and for a reason")
    try:
        with transaction.atomic():
            hold(DESK)
            newest = SizingRule.objects.filter(source=source).order_by("-version").first()
            SizingRule.objects.filter(source=source, ended_at__isnull=True).update(ended_at=timezone.now())
            rule = SizingRule.objects.create(
                source=source,
                risk_fraction=risk_fraction,
                target_volatility=target_volatility,
                assumed_stop=assumed_stop,
                version=newest.version + 1 if newest else 1,
                reason=reason,
                changed_by=by,
            )
            sizers = {"risk_fraction": risk_fraction, "target_volatility": target_volatility}
            payload = {name: None if share is None else str(share) for name, share in sizers.items()}
            payload |= {"version": str(rule.version), "reason": reason, "by": by}
            audit.append(chain=DESK, kind="risk.sizing", subject=source[:80], payload=payload)
            bell.after_commit(TOPIC, source)
    except ScopeHeld as error:
        raise Busy(str(error)) from error
    return rule
