"""Who may trade what: taking away acts at once, giving waits for a second person."""

from fnmatch import fnmatchcase

from django.db.models.functions import Now

from apps.broadcast import bell
from apps.risk.breakers.reading import DESK
from apps.risk.changes.guarding import SOURCE, changing, explained, guard_of, note, raise_epoch
from apps.risk.changes.kind import (
    INSTRUMENT,
    INSTRUMENTS,
    SOURCES,
    Facts,
    Kind,
    agreed,
    choice,
    only,
    text,
)
from apps.risk.domain.change import Change, Payload
from apps.risk.domain.packs import Kind as Class
from apps.risk.errors import BadChange, NeedsSecondPerson
from apps.risk.models import InstrumentClass, InstrumentPermission, RestrictedInstrument

TOPIC = "permissions"
CLASSES = [kind.value for kind in Class]


def permit_instrument(*, source: str, instrument: str, reason: str, by: str) -> None:
    """Permit at once what a wider permission allows already, so that the wider one can be withdrawn.

    Raise NeedsSecondPerson for what is not allowed yet, BadReason, BadChange, Busy.
    """
    explained(reason, by)
    found = _clean_permission({"source": source, "instrument": instrument})
    with changing(_of_source(found)):
        if not _is_allowed(source, instrument):
            raise NeedsSecondPerson(f"{source} may not trade {instrument} yet: propose it to a second person")
        _permit(source, instrument, reason=reason, by=by)


def withdraw_permission(*, source: str, instrument: str, reason: str, by: str) -> None:
    """End a permission at once: what it allowed and is not yet past the last gate is refused there.

    Raise BadReason, BadChange where there is none, Busy.
    """
    explained(reason, by)
    guard = _of_source(_clean_permission({"source": source, "instrument": instrument}))
    with changing(guard):
        rows = InstrumentPermission.objects.filter(
            source=source, instrument=instrument, ended_at__isnull=True
        )
        if not rows.update(ended_at=Now()):
            raise BadChange(f"{source} has no permission of its own for {instrument}")
        raise_epoch(guard)
        _note(guard, "risk.permission_withdrawn", f"{source}:{instrument}", reason=reason, by=by)


def restrict(*, instrument: str, reason: str, by: str) -> None:
    """Let nobody open positions in an instrument, at once. Raise BadReason, BadChange, Busy."""
    explained(reason, by)
    text({"instrument": instrument}, "instrument", like=INSTRUMENT)
    with changing(DESK):
        if _restricted(instrument):
            raise BadChange(f"{instrument} is restricted already")
        RestrictedInstrument.objects.create(instrument=instrument, reason=reason, changed_by=by)
        raise_epoch(DESK)
        _note(DESK, "risk.restricted", instrument, reason=reason, by=by)


def _permit(source: str, instrument: str, *, reason: str, by: str) -> None:
    rows = InstrumentPermission.objects.filter(source=source, instrument=instrument, ended_at__isnull=True)
    if rows.exists():
        raise BadChange(f"{source} has this permission already")
    InstrumentPermission.objects.create(source=source, instrument=instrument, reason=reason, changed_by=by)
    guard = guard_of(f"{SOURCE}{source}")
    _note(guard, "risk.permitted", f"{source}:{instrument}", reason=reason, by=by)


def _is_allowed(source: str, instrument: str) -> bool:
    rows = InstrumentPermission.objects.filter(ended_at__isnull=True).values_list("source", "instrument")
    return any(fnmatchcase(source, who) and fnmatchcase(instrument, what) for who, what in rows)


def _restricted(instrument: str) -> bool:
    return RestrictedInstrument.objects.filter(instrument=instrument, ended_at__isnull=True).exists()


def _note(guard: str, kind: str, subject: str, *, reason: str, by: str) -> None:
    note(guard, kind=kind, subject=subject, payload={"reason": reason, "by": by})
    bell.after_commit(TOPIC, subject)


def _clean_permission(payload: Payload) -> Facts:
    only(payload, ("source", "instrument"))
    return {
        "source": text(payload, "source", like=SOURCES),
        "instrument": text(payload, "instrument", like=INSTRUMENTS),
    }


def _of_source(found: Facts) -> str:
    return guard_of(f"{SOURCE}{found['source']}")


def _before_permission(found: Facts) -> Facts:
    allowed = _is_allowed(str(found["source"]), str(found["instrument"]))
    return {"permitted": "yes" if allowed else "no"}


def _apply_permission(change: Change) -> None:
    found = change.payload
    _permit(found["source"], found["instrument"], reason=change.reason, by=agreed(change))


def _clean_end(payload: Payload) -> Facts:
    only(payload, ("instrument",))
    instrument = text(payload, "instrument", like=INSTRUMENT)
    if not _restricted(instrument):
        raise BadChange(f"{instrument} is not restricted")
    return {"instrument": instrument}


def _before_end(found: Facts) -> Facts:
    return {"restricted": "yes" if _restricted(str(found["instrument"])) else "no"}


def _apply_end(change: Change) -> None:
    instrument, by = change.payload["instrument"], agreed(change)
    rows = RestrictedInstrument.objects.filter(instrument=instrument, ended_at__isnull=True)
    rows.update(ended_at=Now())
    _note(DESK, "risk.restriction_ended", instrument, reason=change.reason, by=by)


def _clean_class(payload: Payload) -> Facts:
    only(payload, ("instrument", "kind"))
    return {
        "instrument": text(payload, "instrument", like=INSTRUMENT),
        "kind": choice(payload, "kind", CLASSES),
    }


def _class_of(instrument: str) -> InstrumentClass | None:
    return InstrumentClass.objects.filter(instrument=instrument, ended_at__isnull=True).first()


def _before_class(found: Facts) -> Facts:
    row = _class_of(str(found["instrument"]))
    return {} if row is None else {"kind": row.kind, "version": str(row.version)}


def _apply_class(change: Change) -> None:
    """End the class in force and add the next version; what was margined by the old one is refused."""
    instrument, by = change.payload["instrument"], agreed(change)
    rows = InstrumentClass.objects.filter(instrument=instrument)
    newest: int | None = rows.order_by("-version").values_list("version", flat=True).first()
    rows.filter(ended_at__isnull=True).update(ended_at=Now())
    InstrumentClass.objects.create(
        instrument=instrument,
        kind=change.payload["kind"],
        version=(newest or 0) + 1,
        reason=change.reason,
        changed_by=by,
    )
    raise_epoch(DESK)
    _note(DESK, "risk.classified", f"{instrument}:{change.payload['kind']}", reason=change.reason, by=by)


def _desk(_: Facts) -> str:
    return DESK


PERMISSION = Kind(
    clean=_clean_permission,
    guard=_of_source,
    subject=lambda found: f"{found['source']}:{found['instrument']}",
    before=_before_permission,
    apply=_apply_permission,
)
RESTRICTION_END = Kind(
    clean=_clean_end,
    guard=_desk,
    subject=lambda found: str(found["instrument"]),
    before=_before_end,
    apply=_apply_end,
)
CLASS = Kind(
    clean=_clean_class,
    guard=_desk,
    subject=lambda found: str(found["instrument"]),
    before=_before_class,
    apply=_apply_class,
)
