"""What of each chain is kept elsewhere: the accounts' ends in the desk's chain, the desk's end in a file."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.portfolio import locks
from apps.portfolio.audit.appending import DESK, News, append_all
from apps.portfolio.models import AuditEntry, AuditHead

KIND = "audit.heads"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The end of the desk's chain at a moment of wall time, as the file keeps it."""

    length: int
    hash: str
    written_at: datetime


def anchor() -> Anchor:
    """Take every account chain's end into the desk's chain, and the desk's own end into the file.

    The line is on disk when this returns. Raise Busy, and OSError where the file cannot be written: what the
    desk's chain took stands, and the next line covers it.
    """
    with transaction.atomic():
        locks.lock_desk_audit()
        heads = AuditHead.objects.exclude(chain=DESK).order_by("chain")
        ends = {head.chain: [head.length, head.hash] for head in heads}
        end = append_all(chain=DESK, news=[News(kind=KIND, subject=DESK, payload={"heads": ends})])
    kept = Anchor(length=end.length, hash=end.hash, written_at=timezone.now())
    _write(settings.MTQ_AUDIT_FILE, kept)
    return kept


def _write(path: Path, kept: Anchor) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {
        "deployment": settings.MTQ_DEPLOYMENT,
        "chain": DESK,
        "length": kept.length,
        "hash": kept.hash,
        "written_at": kept.written_at.isoformat(),
    }
    is_new = not path.exists()
    # The line begins with its own break: what a power cut left of the line before does not spoil this one.
    with path.open("ab") as file:
        file.write(b"\n" + json.dumps(line, sort_keys=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def in_file() -> dict[int, str]:
    """Return what the file knows of the desk's chain: sequence and hash. Raise ValueError, OSError."""
    path: Path = settings.MTQ_AUDIT_FILE
    known: dict[int, str] = {}
    if not path.exists():
        return known
    for number, text in enumerate(path.read_text().splitlines(), start=1):
        if not text.strip() or not text.endswith("}"):
            continue  # a line that a power cut broke off
        try:
            line: dict[str, Any] = json.loads(text)
            if line["deployment"] == settings.MTQ_DEPLOYMENT:
                known[int(line["length"])] = str(line["hash"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"line {number} of {path} cannot be read") from error
    return known


def anchored() -> Iterator[tuple[int, dict[str, tuple[int, str]]]]:
    """Yield what each anchor in the desk's chain knows: its sequence, and by chain a sequence and a hash."""
    rows = AuditEntry.objects.filter(chain=DESK, kind=KIND).order_by("sequence")
    for sequence, payload in rows.values_list("sequence", "payload").iterator(chunk_size=200):
        heads = payload.get("heads", {}) if isinstance(payload, dict) else {}
        yield sequence, {chain: (int(length), str(end)) for chain, (length, end) in heads.items()}
