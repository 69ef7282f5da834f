"""The audit chains: append in the transaction of the change itself, verify at any time."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.portfolio.domain.chain import link
from apps.portfolio.models import AuditEntry, AuditHead

DESK = "desk"
_HEAD = "SELECT id, length, hash FROM portfolio_audithead WHERE chain = %s FOR UPDATE"
_ADD = """
WITH moved AS (UPDATE portfolio_audithead SET length = %s, hash = %s WHERE id = %s)
INSERT INTO portfolio_auditentry (chain, sequence, kind, subject, payload, written_at, prev_hash, hash) VALUES
"""
_ENTRY = "(%s, %s, %s, %s, %s, %s, %s, %s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadEntry:
    """The first entry of a chain that does not hold."""

    chain: str
    sequence: int
    problem: str


def chain_of(account: str) -> str:
    return f"account:{account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What an entry tells: `payload` is plain JSON without fractions, numbers as text."""

    kind: str
    subject: str
    payload: dict[str, Any]


def append(*, chain: str, kind: str, subject: str, payload: dict[str, Any]) -> None:
    """Add an entry to a chain, in the caller's transaction. The head's row lock is the last one taken."""
    append_all(chain=chain, news=[News(kind=kind, subject=subject, payload=payload)])


def append_all(*, chain: str, news: Sequence[News]) -> None:
    """Add entries to a chain in their order, in two round trips however many they are."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit entry belongs to the transaction of the change it tells of")
    head = _locked_head(chain)
    rows: list[Any] = []
    for told in news:
        entry = AuditEntry(
            chain=chain,
            sequence=head.length + 1,
            kind=told.kind,
            subject=told.subject,
            payload=told.payload,
            written_at=timezone.now(),
            prev_hash=head.hash,
        )
        head.length, head.hash = entry.sequence, _hash(entry)
        rows += (chain, entry.sequence, entry.kind, entry.subject, json.dumps(entry.payload))
        rows += (entry.written_at, entry.prev_hash, head.hash)
    with connection.cursor() as cursor:
        cursor.execute(_ADD + ", ".join([_ENTRY] * len(news)), [head.length, head.hash, head.pk, *rows])


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
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(_HEAD, [chain])
            row = cursor.fetchone()
        if row is not None:
            return AuditHead(pk=row[0], chain=chain, length=row[1], hash=row[2])
        AuditHead.objects.bulk_create([AuditHead(chain=chain)], ignore_conflicts=True)
    raise RuntimeError(f"the head of {chain} went away")


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
