from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.portfolio import audit
from apps.portfolio.domain.book import AccountView
from apps.portfolio.models import AuditEntry, AuditHead
from tests.portfolio.factories import approve

CHAIN = "account:paper-1"


def tamper(sql: str, *values: Any) -> None:
    """Do what only a superuser of the database can."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE portfolio_auditentry DISABLE TRIGGER portfolio_append_only")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE portfolio_auditentry ENABLE TRIGGER portfolio_append_only")


@pytest.fixture
def chain(account: AccountView) -> str:
    for _ in range(4):
        approve()
    return CHAIN


def test_i9_an_untouched_chain_holds(chain: str) -> None:
    assert audit.verify("paper-1") is None
    assert AuditHead.objects.get(chain=chain).length == 5


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE portfolio_auditentry SET payload = '{}' WHERE sequence = 3", "its content was changed"),
        ("UPDATE portfolio_auditentry SET subject = 'x' WHERE sequence = 3", "its content was changed"),
        ("DELETE FROM portfolio_auditentry WHERE sequence = 3", "the entry is missing"),
    ],
)
def test_the_first_bad_entry_is_named(chain: str, sql: str, problem: str) -> None:
    tamper(sql)
    assert audit.verify("paper-1") == audit.BadEntry(chain=chain, sequence=3, problem=problem)


def test_a_cut_tail_is_seen(chain: str) -> None:
    tamper("DELETE FROM portfolio_auditentry WHERE sequence = 5")
    found = audit.verify("paper-1")
    assert found is not None
    assert (found.sequence, found.problem) == (5, "the chain is cut here")


def test_a_rewritten_entry_breaks_the_one_after_it(chain: str) -> None:
    entry = AuditEntry.objects.get(sequence=3)
    entry.payload = {}
    tamper("UPDATE portfolio_auditentry SET payload = '{}', hash = %s WHERE sequence = 3", audit._hash(entry))
    found = audit.verify("paper-1")
    assert found is not None
    assert (found.sequence, found.problem) == (4, "it is not tied to the one before it")


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
