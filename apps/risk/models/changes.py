"""Changes that wait for a second person, and what became of them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from apps.risk.domain.change import Change, ChangeKind, ChangeState

KINDS = [(kind.value, kind.value.replace("_", " ")) for kind in ChangeKind]
STATES = [(state.value, state.value) for state in ChangeState]
OPEN = Q(state=ChangeState.OPEN.value)
PERSON = r"^user:[1-9][0-9]*$"


class ChangeRequest(models.Model):
    """One request: `payload` is to be done, `payload_hash` binds the approval to exactly that.

    `scope` is whose it is: `desk`, `account:<slug>` or `agent:<slug>`. `before` is what was in force when it
    was proposed. An override's payload has check, order_hash, account, source, instrument and wider; it is
    used up once by the order `used_by`, before `expires_at`, which approval sets anew. Decided rows do not
    change and none is deleted: a trigger sees to both. All times are wall time.
    """

    kind = models.CharField(max_length=24, choices=KINDS)
    scope = models.CharField(max_length=100)
    subject = models.CharField(max_length=200)
    payload = models.JSONField()
    payload_hash = models.CharField(max_length=64)
    before = models.JSONField(default=dict, blank=True)
    maker = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=12, choices=STATES, default=ChangeState.OPEN.value)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    decided_by = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=300, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    used_by = models.CharField(max_length=24, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("kind", "subject"), condition=OPEN, name="risk_change_one_open"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in ChangeKind]), name="risk_change_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ChangeState]), name="risk_change_state"
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(scope="") & ~Q(subject=""), name="risk_change_reason"
            ),
            models.CheckConstraint(condition=Q(maker__regex=PERSON), name="risk_change_maker"),
            # Four eyes: who decides on it is a person, and never the one who made it.
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "rejected"))
                | (Q(decided_by__regex=PERSON) & ~Q(decided_by=F("maker"))),
                name="risk_change_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(decided_by=F("maker")), name="risk_change_withdrawn"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_by="", decided_at__isnull=True, decision_reason="")
                | (~OPEN & ~Q(decided_by="") & Q(decided_at__isnull=False) & ~Q(decision_reason="")),
                name="risk_change_decision",
            ),
            models.CheckConstraint(
                condition=Q(state="approved", applied_at__isnull=False)
                | (~Q(state="approved") & Q(applied_at__isnull=True)),
                name="risk_change_applied",
            ),
            models.CheckConstraint(
                condition=Q(used_by="") | Q(kind="override", state="approved"), name="risk_change_used"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="risk_change_expires"),
            models.CheckConstraint(
                condition=Q(payload_hash__regex="^[0-9a-f]{64}$"), name="risk_change_hash"
            ),
        )
        indexes = (
            models.Index(fields=("state", "-id"), name="risk_change_waiting"),
            models.Index(
                fields=("expires_at",),
                condition=Q(kind="override", state="approved", used_by=""),
                name="risk_change_overrides",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.subject}: {self.state}"

    def value(self) -> Change:
        return Change(
            id=self.pk,
            kind=ChangeKind(self.kind),
            scope=self.scope,
            subject=self.subject,
            payload=self.payload,
            payload_hash=self.payload_hash,
            before=self.before,
            maker=self.maker,
            reason=self.reason,
            state=ChangeState(self.state),
            created_at=self.created_at,
            expires_at=self.expires_at,
            decided_by=self.decided_by,
            decided_at=self.decided_at,
            decision_reason=self.decision_reason,
            applied_at=self.applied_at,
            used_by=self.used_by,
        )
