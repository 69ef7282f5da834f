"""Adding entries to a chain."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.portfolio import locks
from apps.portfolio.domain.chain import link
from apps.portfolio.models import AuditEntry, AuditHead

DESK = "desk"
_HEAD = "SELECT id, length, hash FROM portfolio_audithead WHERE chain = %s FOR UPDATE"
_BESIDE = "WITH beside AS ({}) "
_ADD = """
WITH moved AS (UPDATE portfolio_audithead SET length = %s, hash = %s WHERE id = %s)
INSERT INTO portfolio_auditentry (chain, sequence, kind, subject, payload, written_at, prev_hash, hash) VALUES
"""
_ENTRY = "(%s, %s, %s, %s, %s, %s, %s, %s)"


def chain_of(account: str) -> str:
    return f"account:{account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What an entry tells: `payload` is plain JSON without fractions, numbers as text."""

    kind: str
    subject: str
    payload: dict[str, Any]


def append(*, chain: str, kind: str, subject: str, payload: dict[str, Any]) -> None:
    """Add an entry to a chain, in the caller's transaction; for an account's, hold the account."""
    append_all(chain=chain, news=[News(kind=kind, subject=subject, payload=payload)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """A statement that adds rows, and its parameters."""

    sql: str
    parameters: Sequence[Any]


def append_all(*, chain: str, news: Sequence[News], beside: Insert | None = None) -> AuditHead:
    """Add entries to a chain in their order, in two round trips however many they are; return its new end.

    `beside` is added in the first of them. The head's row lock is the last one taken; the desk's chain takes
    its own lock just before. Raise Busy.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit entry belongs to the transaction of the change it tells of")
    if chain == DESK:
        locks.lock_desk_audit()
    head = _locked_head(chain, beside)
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
        head.length, head.hash = entry.sequence, hash_of(entry)
        rows += (chain, entry.sequence, entry.kind, entry.subject, json.dumps(entry.payload))
        rows += (entry.written_at, entry.prev_hash, head.hash)
    with connection.cursor() as cursor:
        cursor.execute(_ADD + ", ".join([_ENTRY] * len(news)), [head.length, head.hash, head.pk, *rows])
    return head


def hash_of(entry: AuditEntry) -> str:
    """Return the hash that an entry must have by its content and the one before it."""
    return link(
        prev_hash=entry.prev_hash,
        chain=entry.chain,
        sequence=entry.sequence,
        kind=entry.kind,
        subject=entry.subject,
        payload=entry.payload,
        written_at=entry.written_at.astimezone(UTC),
    )


def _locked_head(chain: str, beside: Insert | None) -> AuditHead:
    first = Insert(sql=_HEAD, parameters=[chain])
    if beside is not None:
        first = Insert(sql=_BESIDE.format(beside.sql) + _HEAD, parameters=[*beside.parameters, chain])
    for look in (first, Insert(sql=_HEAD, parameters=[chain])):
        with connection.cursor() as cursor:
            cursor.execute(look.sql, look.parameters)
            row = cursor.fetchone()
        if row is not None:
            return AuditHead(pk=row[0], chain=chain, length=row[1], hash=row[2])
        AuditHead.objects.bulk_create([AuditHead(chain=chain)], ignore_conflicts=True)
    raise RuntimeError(f"the head of {chain} went away")
