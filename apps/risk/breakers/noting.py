"""What risk decides goes into the audit chain of whom it concerns."""

from apps.portfolio import audit
from apps.risk.breakers.reading import ACCOUNT, DESK


def note(guard: str, *, kind: str, subject: str, payload: dict[str, str | None]) -> None:
    """Append to the chain of the guard's account, else of the desk; in the transaction, under its lock."""
    chain = audit.chain_of(guard.removeprefix(ACCOUNT)) if guard.startswith(ACCOUNT) else DESK
    audit.append(chain=chain, kind=kind, subject=subject[:80], payload=payload)
