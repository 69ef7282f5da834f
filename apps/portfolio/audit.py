"""The audit chains: append in the transaction of the change itself, verify at any time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.portfolio.domain.chain import link
from apps.portfolio.models import AuditEntry, AuditHead

DESK = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadEntry:
    """The first entry of a chain that does not hold."""

    chain: str
    sequence: int
    problem: str


def chain_of(account: str) -> str:
    return f"account:{account}"


def append(*, chain: str, kind: str, subject: str, payload: dict[str, Any]) -> AuditEntry:
    """Add an entry to a chain, in the caller's transaction. The head's row lock is the last one taken."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit entry belongs to the transaction of the change it tells of")
    head = _locked_head(chain)
    entry = AuditEntry(
        chain=chain,
        sequence=head.length + 1,
        kind=kind,
        subject=subject,
        payload=payload,
        written_at=timezone.now(),
        prev_hash=head.hash,
    )
    entry.hash = _hash(entry)
    entry.save(force_insert=True)
    AuditHead.objects.filter(pk=head.pk).update(length=entry.sequence, hash=entry.hash)
    return entry


def verify(account: str) -> BadEntry | None:
    """Return the first bad entry of an account's chain, or None."""
    return verify_chain(chain_of(account))


def verify_chain(chain: str) -> BadEntry | None:
    """Return the first entry that is missing, changed or not tied to the one before it, or None."""
    # Read up to the head only: entries that come meanwhile are the next check's.
    head = AuditHead.objects.filter(chain=chain).first()
    length, end = (head.length, head.hash) if head else (0, "")
    entries = AuditEntry.objects.filter(chain=chain, sequence__lte=length).order_by("sequence")
    prev_hash, expected = "", 1
    for entry in entries.iterator(chunk_size=1000):
        if entry.sequence != expected:
            return BadEntry(chain=chain, sequence=expected, problem="the entry is missing")
        if entry.prev_hash != prev_hash:
            return BadEntry(chain=chain, sequence=expected, problem="it is not tied to the one before it")
        if entry.hash != _hash(entry):
            return BadEntry(chain=chain, sequence=expected, problem="its content was changed")
        prev_hash, expected = entry.hash, expected + 1
    return _bad_end(chain, last=expected - 1, length=length, end=end, last_hash=prev_hash)


def chains() -> list[str]:
    return list(AuditHead.objects.values_list("chain", flat=True))


def count(names: Iterable[str]) -> int:
    """Return how many entries these chains have."""
    return AuditEntry.objects.filter(chain__in=list(names)).count()


def _locked_head(chain: str) -> AuditHead:
    head = AuditHead.objects.select_for_update().filter(chain=chain).first()
    if head is None:
        AuditHead.objects.bulk_create([AuditHead(chain=chain)], ignore_conflicts=True)
        head = AuditHead.objects.select_for_update().get(chain=chain)
    return head


def _bad_end(chain: str, *, last: int, length: int, end: str, last_hash: str) -> BadEntry | None:
    if last != length:
        return BadEntry(chain=chain, sequence=last + 1, problem="the chain is cut here")
    if end != last_hash:
        return BadEntry(chain=chain, sequence=length, problem="the head names another last entry")
    return None


def _hash(entry: AuditEntry) -> str:
    return link(
        prev_hash=entry.prev_hash,
        chain=entry.chain,
        sequence=entry.sequence,
        kind=entry.kind,
        subject=entry.subject,
        payload=entry.payload,
        written_at=entry.written_at.astimezone(UTC),
    )
