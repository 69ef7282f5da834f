"""Sizing rules as staff keep them: a change ends a row and adds the next version."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.marketdata.domain.bar import Timeframe
from apps.risk.domain.sizing import AtrTerms, KellyKind, KellyTerms, Rule
from apps.risk.models.fields import exact, plain

TIMEFRAMES = [(timeframe.value, timeframe.value) for timeframe in Timeframe]
KELLY_KINDS = [(kind.value, kind.value) for kind in KellyKind]
CURRENT = Q(ended_at__isnull=True)


def _share(name: str, most: int) -> Q:
    """Return the condition that a figure is there, above nothing and at most `most`, as NaN never is.

    A comparison with NULL is no refusal to a check constraint: that it is there must be said.
    """
    return Q(**{f"{name}__isnull": False, f"{name}__gt": 0, f"{name}__lte": most})


def _share_or_none(name: str, most: int) -> Q:
    return Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gt": 0, f"{name}__lte": most})


NO_KELLY = Q(kelly_kind="", kelly_fraction__isnull=True, kelly_cap__isnull=True, kelly_probe__isnull=True)
# A discrete cap is a share of equity, a continuous one a multiple of it.
KELLY = _share("kelly_fraction", 1) & _share("kelly_probe", 1)
DISCRETE = Q(kelly_kind=KellyKind.DISCRETE.value) & _share("kelly_cap", 1) & KELLY
CONTINUOUS = Q(kelly_kind=KellyKind.CONTINUOUS.value) & _share("kelly_cap", 100) & KELLY
NO_ATR = Q(atr_timeframe="", atr_share__isnull=True, atr_multiple__isnull=True)
ATR = (
    Q(atr_timeframe__in=[timeframe.value for timeframe in Timeframe])
    & _share("atr_share", 1)
    & _share("atr_multiple", 100)
)


class SizingRule(models.Model):
    """How large a source's positions may be. `source` may be `*` or end in it; the longest match counts.

    Shares are parts of one: `risk_fraction` of equity lost at the stop, `target_volatility` a year,
    `assumed_stop` of the price where a request names no stop (without it such a request is denied).
    `kelly_fraction` of the Kelly share is used, at most `kelly_cap`: of equity lost at the stop for the
    discrete kind, of notional over equity for the continuous one; below 30 trades `kelly_probe` of equity is
    risked. `atr_share` of equity is lost over `atr_multiple` average true ranges of `atr_timeframe` bars.
    With `drawdown_scaling` all of them allow less the nearer a loss is to the breaker's second level.
    """

    source = models.CharField(max_length=100)
    risk_fraction = exact(null=True, blank=True)
    target_volatility = exact(null=True, blank=True)
    assumed_stop = exact(null=True, blank=True)
    kelly_kind = models.CharField(max_length=12, choices=KELLY_KINDS, blank=True, db_default="")
    kelly_fraction = exact(null=True, blank=True)
    kelly_cap = exact(null=True, blank=True)
    kelly_probe = exact(null=True, blank=True)
    atr_share = exact(null=True, blank=True)
    atr_multiple = exact(null=True, blank=True)
    atr_timeframe = models.CharField(max_length=4, choices=TIMEFRAMES, blank=True, db_default="")
    drawdown_scaling = models.BooleanField(default=False, db_default=False)
    version = models.PositiveIntegerField(default=1)
    effective_from = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    changed_by = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("source", "-version")
        constraints = (
            models.CheckConstraint(
                condition=Q(risk_fraction__isnull=False)
                | Q(target_volatility__isnull=False)
                | ~Q(kelly_kind="")
                | Q(atr_share__isnull=False),
                name="risk_sizing_has_sizer",
            ),
            models.CheckConstraint(condition=_share_or_none("risk_fraction", 1), name="risk_sizing_fraction"),
            models.CheckConstraint(
                condition=_share_or_none("target_volatility", 10), name="risk_sizing_volatility"
            ),
            models.CheckConstraint(condition=_share_or_none("assumed_stop", 1), name="risk_sizing_stop"),
            models.CheckConstraint(condition=NO_KELLY | DISCRETE | CONTINUOUS, name="risk_sizing_kelly"),
            models.CheckConstraint(condition=NO_ATR | ATR, name="risk_sizing_atr"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(changed_by=""), name="risk_sizing_reason"),
            models.UniqueConstraint(fields=("source",), condition=CURRENT, name="risk_sizing_current"),
            models.UniqueConstraint(fields=("source", "version"), name="risk_sizing_version"),
        )

    def __str__(self) -> str:
        parts = {
            "risk": self.risk_fraction,
            "volatility": self.target_volatility,
            f"{self.kelly_kind} kelly": self.kelly_fraction,
            f"{self.atr_timeframe} range": self.atr_share,
        }
        named = ", ".join(f"{name} {plain(value)}" for name, value in parts.items() if value is not None)
        return f"sizing of {self.source}: {named}"

    def value(self) -> Rule:
        return Rule(
            source=self.source,
            risk_fraction=self.risk_fraction,
            target_volatility=self.target_volatility,
            assumed_stop=self.assumed_stop,
            kelly=kelly_terms(self.kelly_kind, self.kelly_fraction, self.kelly_cap, self.kelly_probe),
            atr=atr_terms(self.atr_share, self.atr_multiple, self.atr_timeframe),
            drawdown_scaling=self.drawdown_scaling,
            version=self.version,
        )


def kelly_terms(
    kind: str, fraction: Decimal | None, cap: Decimal | None, probe: Decimal | None
) -> KellyTerms | None:
    """Return columns as one value; None where the rule has no such sizer."""
    if not kind or fraction is None or cap is None or probe is None:
        return None
    return KellyTerms(kind=KellyKind(kind), fraction=fraction, cap=cap, probe=probe)


def atr_terms(share: Decimal | None, multiple: Decimal | None, timeframe: str) -> AtrTerms | None:
    """Return columns as one value; None where the rule has no such sizer."""
    if share is None or multiple is None or not timeframe:
        return None
    return AtrTerms(share=share, multiple=multiple, timeframe=timeframe)
