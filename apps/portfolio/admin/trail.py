"""The audit trail, and the proof that nobody altered it."""

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import FieldTextFilter, RangeDateTimeFilter
from unfold.decorators import action, display

from apps.edges import dialogs
from apps.edges.ledgers import LedgerAdmin
from apps.portfolio import audit
from apps.portfolio.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(LedgerAdmin):
    belongs: ClassVar = {"scope": "chain"}
    list_display = ("written_at", "chain", "sequence", "kind", "subject", "fingerprint")
    list_display_links = ("sequence",)
    list_filter = (
        ("chain", FieldTextFilter),
        ("kind", FieldTextFilter),
        ("written_at", RangeDateTimeFilter),
    )
    search_fields = ("subject", "kind")
    actions_list = ("verify_chains",)

    @display(description="Hash")
    def fingerprint(self, entry: AuditEntry) -> str:
        return entry.hash[:16]

    @action(description="Verify hash chains", url_path="verify", icon="verified_user", permissions=["view"])
    def verify_chains(self, request: HttpRequest) -> HttpResponse:
        page = reverse("admin:portfolio_auditentry_changelist")
        return dialogs.answer(request, to=page, act=_verify_chains, errors=(BrokenChain,))


class BrokenChain(Exception):  # noqa: N818 (it names what was found)
    """An entry was altered, is missing, or is not tied to the one before it."""


def _verify_chains() -> str:
    report = audit.verify_all()
    for bad in report.bad:
        raise BrokenChain(f"{bad.chain}, entry {bad.sequence}: {bad.problem}.")
    return f"{report.entries:,} entries in {report.chains} chains hold."
