"""Walking chains: each entry by its own hash, by the one before it, and by what is kept of it elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from apps.portfolio.audit.anchoring import anchored, in_file
from apps.portfolio.audit.appending import DESK, chain_of, hash_of
from apps.portfolio.models import AuditEntry, AuditHead

Known = Mapping[int, str]
# The newest line may be on its way to the file, and a crash may have lost one: two are no accident.
LINES_THAT_MAY_LACK = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BadEntry:
    """The first entry of a chain that does not hold."""

    chain: str
    sequence: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How many chains and entries were walked, and the first bad entry of each chain that has one."""

    chains: int
    entries: int
    bad: tuple[BadEntry, ...]


def verify(account: str) -> BadEntry | None:
    """Return the first bad entry of an account's chain, or None."""
    return next(iter(verify_all(chain_of(account)).bad), None)


def verify_all(only: str = "") -> Report:
    """Walk every chain, or one, against its hashes, the desk's anchors and the file outside the database."""
    with transaction.atomic():
        # In this order: what is known of a chain is never newer than the chain that is walked after it.
        known, anchors = _known()
        fault = _read_file(known, anchors)
        names = [only] if only else sorted({*chains(), *known})
        found = [verify_chain(name, known.get(name)) for name in names]
        bad = [entry for entry in found if entry is not None]
        if fault and only in {"", DESK} and all(entry.chain != DESK for entry in bad):
            bad.append(fault)
        return Report(chains=len(names), entries=count(names), bad=tuple(bad))


def verify_chain(chain: str, known: Known | None = None) -> BadEntry | None:
    """Return the first entry that is missing, changed, not tied to the one before it, or not as `known`.

    `known` are hashes by sequence that are kept outside of the chain.
    """
    # Read up to the head only: entries that come meanwhile are the next check's.
    head = AuditHead.objects.filter(chain=chain).first()
    length, end = (head.length, head.hash) if head else (0, "")
    entries = AuditEntry.objects.filter(chain=chain, sequence__lte=length).order_by("sequence")
    prev_hash, expected = "", 1
    for entry in entries.iterator(chunk_size=1000):
        problem = _problem(entry, expected, prev_hash, known or {})
        if problem:
            return BadEntry(chain=chain, sequence=expected, problem=problem)
        prev_hash, expected = entry.hash, expected + 1
    return _bad_end(chain, last=expected - 1, length=length, end=end, last_hash=prev_hash, known=known or {})


def _problem(entry: AuditEntry, expected: int, prev_hash: str, known: Known) -> str:
    if entry.sequence != expected:
        return "the entry is missing"
    if entry.prev_hash != prev_hash:
        return "it is not tied to the one before it"
    if entry.hash != hash_of(entry):
        return "its content was changed"
    if known.get(expected, entry.hash) != entry.hash:
        before = max((sequence for sequence in known if sequence < expected), default=0)
        return f"it is not the entry that was anchored: the chain was written anew after entry {before}"
    return ""


def _bad_end(
    chain: str, *, last: int, length: int, end: str, last_hash: str, known: Known
) -> BadEntry | None:
    if last != length:
        return BadEntry(chain=chain, sequence=last + 1, problem="the chain is cut here")
    if end != last_hash:
        return BadEntry(chain=chain, sequence=length, problem="the head names another last entry")
    if (longest := max(known, default=0)) > length:
        problem = f"the chain is cut here: {longest} entries were anchored"
        return BadEntry(chain=chain, sequence=length + 1, problem=problem)
    return None


def _known() -> tuple[dict[str, dict[int, str]], list[int]]:
    """Return what is kept of each chain outside of it, and the sequences of the desk's anchors."""
    known: dict[str, dict[int, str]] = {}
    numbers: list[int] = []
    for sequence, heads in anchored():
        numbers.append(sequence)
        for chain, (length, end) in heads.items():
            if length:
                known.setdefault(chain, {}).setdefault(length, end)
    return known, numbers


def _read_file(known: dict[str, dict[int, str]], anchors: list[int]) -> BadEntry | None:
    """Add what the file knows of the desk's chain; lagging behind the anchors is a fault of its own."""
    try:
        lines = in_file()
    except (ValueError, OSError) as error:
        return BadEntry(chain=DESK, sequence=0, problem=str(error))
    if lines:
        known[DESK] = lines
    unseen = [sequence for sequence in anchors if sequence > max(lines, default=0)]
    if len(unseen) <= LINES_THAT_MAY_LACK:
        return None
    problem = f"{settings.MTQ_AUDIT_FILE} knows nothing of this anchor or of any after it"
    return BadEntry(chain=DESK, sequence=unseen[0], problem=problem)


def chains() -> list[str]:
    return list(AuditHead.objects.values_list("chain", flat=True))


def count(names: Iterable[str]) -> int:
    """Return how many entries these chains have."""
    return AuditEntry.objects.filter(chain__in=list(names)).count()
