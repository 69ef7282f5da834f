"""The hash chains: one per account, so that accounts do not queue for one another."""

from django.db import models


class AuditHead(models.Model):
    """The end of a chain: its row lock is what puts entries in order."""

    chain = models.CharField(max_length=60, unique=True)
    length = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("chain",)

    def __str__(self) -> str:
        return f"{self.chain} ({self.length})"


class AuditEntry(models.Model):
    """One link. `hash` covers everything else here, `prev_hash` included. Only ever added."""

    chain = models.CharField(max_length=60)
    sequence = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    payload = models.JSONField()
    written_at = models.DateTimeField()
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "audit entries"
        constraints = (
            models.UniqueConstraint(fields=("chain", "sequence"), name="portfolio_audit_sequence"),
        )
        indexes = (models.Index(fields=("subject",), name="portfolio_audit_subject"),)

    def __str__(self) -> str:
        return f"{self.chain} {self.sequence} {self.kind}"
