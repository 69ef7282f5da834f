"""The hash that ties an audit entry to the one before it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def link(
    *,
    prev_hash: str,
    chain: str,
    sequence: int,
    kind: str,
    subject: str,
    payload: Mapping[str, Any],
    written_at: datetime,
) -> str:
    """Return the SHA-256 over the canonical JSON of an entry; the payload holds text and integers only."""
    body = {
        "prev_hash": prev_hash,
        "chain": chain,
        "sequence": sequence,
        "kind": kind,
        "subject": subject,
        "payload": payload,
        "written_at": written_at.isoformat(timespec="microseconds"),
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
