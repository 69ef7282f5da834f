"""Sizing rules that allow more than before, or otherwise: nobody changes one alone."""

from decimal import Decimal

from apps.marketdata.domain.bar import Timeframe
from apps.risk.changes.guarding import SOURCE, guard_of
from apps.risk.changes.kind import SOURCES, Facts, Kind, agreed, choice, digits, facts, maybe, only, text
from apps.risk.changes.sizing import put_sizing, row_of, sane
from apps.risk.domain.change import Change, Payload
from apps.risk.domain.sizing import AtrTerms, KellyKind, KellyTerms, Rule
from apps.risk.errors import BadChange
from apps.risk.models import SizingRule

SHARES = (
    "risk_fraction", "target_volatility", "assumed_stop",
    "kelly_fraction", "kelly_cap", "kelly_probe", "atr_share", "atr_multiple",
)  # fmt: skip
WORDS = {
    "kelly_kind": ("", *KellyKind),
    "atr_timeframe": ("", *Timeframe),
    "drawdown_scaling": ("no", "yes"),
}


def figures_of(row: SizingRule) -> Facts:
    """Return a rule's figures as text, the one way that a hash is made of."""
    return {name: digits(getattr(row, name)) for name in SHARES} | {
        "kelly_kind": row.kelly_kind,
        "atr_timeframe": row.atr_timeframe,
        "drawdown_scaling": "yes" if row.drawdown_scaling else "no",
    }


def _clean(payload: Payload) -> Facts:
    only(payload, ("source", *SHARES, *WORDS))
    found: Facts = {"source": text(payload, "source", like=SOURCES)}
    found |= {name: digits(maybe(payload, name)) for name in SHARES}
    found |= {name: choice(payload, name, among, default=among[0]) for name, among in WORDS.items()}
    sane(row_of(_rule(found)))
    return found


def _rule(found: Facts) -> Rule:
    """Return the rule of canonical figures. Raise BadChange for a sizer that is only half there."""
    shares = {name: None if found[name] is None else Decimal(str(found[name])) for name in SHARES}
    return Rule(
        source=str(found["source"]),
        risk_fraction=shares["risk_fraction"],
        target_volatility=shares["target_volatility"],
        assumed_stop=shares["assumed_stop"],
        kelly=_kelly(str(found["kelly_kind"]), shares),
        atr=_atr(str(found["atr_timeframe"]), shares),
        drawdown_scaling=found["drawdown_scaling"] == "yes",
    )


def _kelly(kind: str, shares: dict[str, Decimal | None]) -> KellyTerms | None:
    fraction, cap, probe = shares["kelly_fraction"], shares["kelly_cap"], shares["kelly_probe"]
    if not kind and fraction is cap is probe is None:
        return None
    if not kind or fraction is None or cap is None or probe is None:
        raise BadChange("Kelly needs kelly_kind, kelly_fraction, kelly_cap and kelly_probe, or none of them")
    return KellyTerms(kind=KellyKind(kind), fraction=fraction, cap=cap, probe=probe)


def _atr(timeframe: str, shares: dict[str, Decimal | None]) -> AtrTerms | None:
    share, multiple = shares["atr_share"], shares["atr_multiple"]
    if not timeframe and share is multiple is None:
        return None
    if not timeframe or share is None or multiple is None:
        raise BadChange("a true range needs atr_share, atr_multiple and atr_timeframe, or none of them")
    return AtrTerms(share=share, multiple=multiple, timeframe=timeframe)


def _before(found: Facts) -> Facts:
    row = SizingRule.objects.filter(source=found["source"], ended_at__isnull=True).first()
    return figures_of(row) | {"version": str(row.version)} if row else {}


def _apply(change: Change) -> None:
    put_sizing(_rule(facts(change.payload)), reason=change.reason, by=agreed(change))


SIZING = Kind(
    clean=_clean,
    guard=lambda found: guard_of(f"{SOURCE}{found['source']}"),
    subject=lambda found: str(found["source"]),
    before=_before,
    apply=_apply,
)
