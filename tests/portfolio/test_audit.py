"""The hash chains, tampered with in every way that somebody who holds the database could try."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django import Settings

from apps.portfolio import audit, locks
from apps.portfolio.audit.appending import hash_of
from apps.portfolio.domain.book import AccountView
from apps.portfolio.errors import Busy
from apps.portfolio.models import AuditEntry, AuditHead
from apps.portfolio.tasks import anchor as anchor_task
from tests.portfolio.factories import approve
from tests.portfolio.racing import at_once

CHAIN = "account:paper-1"
_REWRITE = "UPDATE portfolio_auditentry SET payload = %s, hash = %s, prev_hash = %s WHERE id = %s"


@pytest.fixture(autouse=True)
def heads(settings: Settings, tmp_path: Path) -> Path:
    """Where the desk's head goes, outside the database."""
    path = tmp_path / "audit" / "heads.jsonl"
    settings.MTQ_AUDIT_FILE = path
    return path


def tamper(sql: str, *values: Any) -> None:
    """Do what only a superuser of the database can."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def write_anew(chain: str, *, after: int, to: int) -> None:
    """Write the end of a chain anew with other content, so that every hash in the database holds."""
    tamper("DELETE FROM portfolio_auditentry WHERE chain = %s AND sequence > %s", chain, to)
    entries = AuditEntry.objects.filter(chain=chain).order_by("sequence")
    prev_hash = ""
    for entry in entries:
        if entry.sequence > after and entry.kind != "audit.heads":
            entry.payload = {"forged": "yes"}
        entry.prev_hash = prev_hash
        prev_hash = entry.hash = hash_of(entry)
        facts = (json.dumps(entry.payload), entry.prev_hash, entry.hash, entry.pk)
        tamper(
            "UPDATE portfolio_auditentry SET payload = %s, prev_hash = %s, hash = %s WHERE id = %s", *facts
        )
    tamper("UPDATE portfolio_audithead SET length = %s, hash = %s WHERE chain = %s", to, prev_hash, chain)


def bad(chain: str = CHAIN) -> audit.BadEntry | None:
    return next((entry for entry in audit.verify_all().bad if entry.chain == chain), None)


@pytest.fixture
def chain(account: AccountView) -> str:
    for _ in range(4):
        approve()
    return CHAIN


@pytest.fixture
def desk_chain(chain: str) -> str:
    """A desk's chain of two entries and two anchors after them."""
    for number in (1, 2):
        with transaction.atomic():
            audit.append(chain=audit.DESK, kind="risk.limit", subject=f"limit-{number}", payload={})
        audit.anchor()
    return audit.DESK


def test_i9_an_untouched_chain_holds(chain: str) -> None:
    assert audit.verify("paper-1") is None
    assert AuditHead.objects.get(chain=chain).length == 5


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE portfolio_auditentry SET payload = '{}' WHERE sequence = 3", "its content was changed"),
        ("UPDATE portfolio_auditentry SET subject = 'x' WHERE sequence = 3", "its content was changed"),
        ("UPDATE portfolio_auditentry SET written_at = now() WHERE sequence = 3", "its content was changed"),
        ("DELETE FROM portfolio_auditentry WHERE sequence = 3", "the entry is missing"),
    ],
)
def test_the_first_bad_entry_is_named(chain: str, sql: str, problem: str) -> None:
    tamper(sql)
    assert audit.verify("paper-1") == audit.BadEntry(chain=chain, sequence=3, problem=problem)


def test_entries_that_changed_places_are_seen(chain: str) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        tamper("UPDATE portfolio_auditentry SET sequence = %s WHERE sequence = %s", new, old)
    found = audit.verify("paper-1")
    assert found is not None
    assert (found.sequence, found.problem) == (3, "it is not tied to the one before it")


def test_a_cut_tail_is_seen(chain: str) -> None:
    tamper("DELETE FROM portfolio_auditentry WHERE sequence = 5")
    found = audit.verify("paper-1")
    assert found is not None
    assert (found.sequence, found.problem) == (5, "the chain is cut here")


def test_a_rewritten_entry_breaks_the_one_after_it(chain: str) -> None:
    entry = AuditEntry.objects.get(sequence=3)
    entry.payload = {}
    tamper("UPDATE portfolio_auditentry SET payload = '{}', hash = %s WHERE sequence = 3", hash_of(entry))
    found = audit.verify("paper-1")
    assert found is not None
    assert (found.sequence, found.problem) == (4, "it is not tied to the one before it")


def test_a_tail_cut_with_its_head_is_seen_by_the_desks_anchor(desk_chain: str) -> None:
    write_anew(CHAIN, after=9, to=3)
    assert audit.verify_chain(CHAIN) is None
    found = bad()
    assert found is not None
    assert (found.sequence, found.problem) == (4, "the chain is cut here: 5 entries were anchored")


def test_a_chain_written_anew_with_all_its_hashes_is_seen_by_the_desks_anchor(desk_chain: str) -> None:
    approve()
    write_anew(CHAIN, after=2, to=6)
    assert audit.verify_chain(CHAIN) is None
    found = bad()
    assert found is not None
    assert found.sequence == 5
    assert found.problem.endswith("the chain was written anew after entry 0")


def test_an_account_whose_chain_is_gone_is_named(desk_chain: str) -> None:
    tamper("DELETE FROM portfolio_auditentry WHERE chain = %s", CHAIN)
    tamper("DELETE FROM portfolio_audithead WHERE chain = %s", CHAIN)
    found = bad()
    assert found is not None
    assert found.sequence == 1


def test_the_desks_tail_cut_with_its_head_is_seen_by_the_file(desk_chain: str) -> None:
    write_anew(desk_chain, after=9, to=3)
    assert audit.verify_chain(desk_chain) is None
    found = bad(desk_chain)
    assert found is not None
    assert (found.sequence, found.problem) == (4, "the chain is cut here: 4 entries were anchored")


def test_a_desk_chain_written_anew_with_all_its_hashes_is_seen_by_the_file_alone(desk_chain: str) -> None:
    write_anew(desk_chain, after=2, to=4)
    assert audit.verify_chain(desk_chain) is None
    found = bad(desk_chain)
    assert found is not None
    assert found.sequence == 4
    assert found.problem.endswith("the chain was written anew after entry 2")


def test_a_file_that_was_taken_away_is_seen(desk_chain: str, heads: Path) -> None:
    heads.unlink()
    found = bad(desk_chain)
    assert found is not None
    assert (found.sequence, found.problem) == (2, f"{heads} knows nothing of this anchor or of any after it")


def test_a_crash_between_the_chain_and_the_file_is_no_fault(desk_chain: str, heads: Path) -> None:
    lines = heads.read_text().splitlines(keepends=True)
    heads.write_text("".join(lines[:-1]) + lines[-1][:40])
    assert audit.verify_all().bad == ()
    audit.anchor()
    assert audit.verify_all().bad == ()


def test_a_line_of_the_file_that_was_spoilt_is_named(desk_chain: str, heads: Path) -> None:
    heads.write_text(heads.read_text().replace('"length"', '"breadth"'))
    found = bad(desk_chain)
    assert found is not None
    assert found.problem == f"line 2 of {heads} cannot be read"


def test_what_another_deployment_wrote_into_the_file_says_nothing_of_this_one(
    desk_chain: str, settings: Settings
) -> None:
    settings.MTQ_DEPLOYMENT = "another"
    audit.anchor()
    assert audit.verify_all().bad == ()


def test_each_anchor_takes_every_accounts_end_and_adds_a_line(desk_chain: str, heads: Path) -> None:
    approve()
    anchor_task()
    taken = AuditEntry.objects.filter(chain=desk_chain, kind="audit.heads").latest("sequence").payload
    head = AuditHead.objects.get(chain=CHAIN)
    assert taken == {"heads": {CHAIN: [head.length, head.hash]}}
    lines = [json.loads(line) for line in heads.read_text().splitlines() if line]
    desk = AuditHead.objects.get(chain=desk_chain)
    assert [line["length"] for line in lines] == [2, 4, 5]
    assert lines[-1]["hash"] == desk.hash


@pytest.fixture
def held_desk_chain(committed: AccountView) -> Iterator[None]:
    with transaction.atomic():
        locks.lock_desk_audit()
        yield


def test_whoever_writes_the_desks_chain_waits_for_its_lock(held_desk_chain: None) -> None:
    def write() -> str:
        try:
            with transaction.atomic():
                audit.append(chain=audit.DESK, kind="risk.limit", subject="x", payload={})
        except Busy as busy:
            return str(busy)
        return "written"

    assert at_once(write) == ["the desk's audit chain is held by somebody else"]


def test_anchors_at_once_follow_one_another(committed: AccountView, heads: Path) -> None:
    kept = at_once(*[audit.anchor] * 4)
    assert sorted(each.length for each in kept) == [1, 2, 3, 4]
    assert audit.verify_all().bad == ()


def test_the_command_counts_what_holds(chain: str) -> None:
    said = StringIO()
    call_command("audit", "verify", stdout=said)
    assert said.getvalue() == "1 audit chains hold, 5 entries\n"


def test_the_command_fails_and_names_the_entry(chain: str) -> None:
    tamper("UPDATE portfolio_auditentry SET kind = 'other' WHERE sequence = 2")
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("audit", "verify", "--account", "paper-1", stderr=said)
    assert said.getvalue() == "account:paper-1: entry 2 is bad: its content was changed\n"


def test_the_command_speaks_json(desk_chain: str) -> None:
    tamper("UPDATE portfolio_auditentry SET kind = 'other' WHERE chain = %s AND sequence = 2", CHAIN)
    said = StringIO()
    with pytest.raises(CommandError, match="1 of 2 audit chains do not hold"):
        call_command("audit", "verify", "--json", stdout=said)
    found = {"chain": CHAIN, "sequence": 2, "problem": "its content was changed"}
    assert json.loads(said.getvalue()) == {"chains": 2, "entries": 9, "bad": [found]}


def test_the_command_anchors_at_once(chain: str, heads: Path) -> None:
    said = StringIO()
    call_command("audit", "anchor", stdout=said)
    assert said.getvalue() == "the desk's chain is anchored at entry 1\n"
    assert heads.exists()
