"""Putting an account under another regulator's rules, which two people decide."""

from apps.portfolio import books, ledger
from apps.portfolio.errors import UnknownAccount
from apps.risk.breakers.reading import ACCOUNT
from apps.risk.changes.guarding import raise_epoch
from apps.risk.changes.kind import SLUG, Facts, Kind, agreed, choice, only, text
from apps.risk.domain.change import Change, Payload
from apps.risk.domain.packs import PACKS
from apps.risk.errors import BadChange


def _clean(payload: Payload) -> Facts:
    only(payload, ("account", "pack"))
    account = text(payload, "account", like=SLUG)
    try:
        books.account(account)
    except UnknownAccount as error:
        raise BadChange(f"there is no account {account}") from error
    return {"account": account, "pack": choice(payload, "pack", list(PACKS))}


def _before(found: Facts) -> Facts:
    return {"pack": books.account(str(found["account"])).pack}


def _guard(found: Facts) -> str:
    return f"{ACCOUNT}{found['account']}"


def _apply(change: Change) -> None:
    """Put the pack in force; what was margined by the old one is refused at the last gate."""
    account = change.payload["account"]
    ledger.set_pack(account=account, pack=change.payload["pack"], by=agreed(change), reason=change.reason)
    raise_epoch(f"{ACCOUNT}{account}")


PACK = Kind(
    clean=_clean, guard=_guard, subject=lambda found: str(found["account"]), before=_before, apply=_apply
)
