"""What a source may trade, what nobody may, what class an instrument is of, and how fast anybody may ask."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.risk.models.fields import exact
from apps.risk.models.limits import CURRENT


class Kept(models.Model):
    """A row that a person put in force: it ends, it is not changed.

    Times are wall time of the database, by which a row is in force or not.
    """

    effective_from = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    changed_by = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class InstrumentPermission(Kept):
    """Lets a source open positions in an instrument; either may be a pattern that ends in `*`.

    An entry that no row in force allows is denied `not_permitted`.
    """

    source = models.CharField(max_length=100)
    instrument = models.CharField(max_length=32)

    class Meta:
        ordering = ("source", "instrument", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("source", "instrument"), condition=CURRENT, name="risk_permission_current"
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(changed_by=""), name="risk_permission_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.source} may trade {self.instrument}"


class RestrictedInstrument(Kept):
    """Nobody opens positions in it, whatever they are permitted."""

    instrument = models.CharField(max_length=32)

    class Meta:
        ordering = ("instrument", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("instrument",), condition=CURRENT, name="risk_restricted_current"
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(changed_by=""), name="risk_restricted_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.instrument} is restricted"


class InstrumentClass(Kept):
    """What an instrument is to the regulator, for retail accounts; `kind` is a class of `domain.packs`."""

    instrument = models.CharField(max_length=32)
    kind = models.CharField(max_length=24)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("instrument", "-version")
        constraints = (
            models.UniqueConstraint(fields=("instrument",), condition=CURRENT, name="risk_class_current"),
            models.UniqueConstraint(fields=("instrument", "version"), name="risk_class_version"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(changed_by=""), name="risk_class_reason"),
        )

    def __str__(self) -> str:
        return f"{self.instrument} is {self.kind}"


class MessageBucket(models.Model):
    """Tokens that a scope (`account:<slug>`, `source:<source>`) has left at a moment of desk time."""

    scope = models.CharField(max_length=100, unique=True)
    tokens = exact()
    filled_at = models.DateTimeField()

    class Meta:
        ordering = ("scope",)
        constraints = (models.CheckConstraint(condition=Q(tokens__gte=0), name="risk_bucket_tokens"),)

    def __str__(self) -> str:
        return f"{self.scope} {self.tokens.normalize():f}"
