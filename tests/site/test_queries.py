"""How many queries each list page takes: a change shows in the golden file's diff, and 15 is the most."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.site import rows
from tests.site.test_ledgers import PAGES

GOLDEN = Path(__file__).parents[1] / "golden" / "queries.json"
EXPECTED: dict[str, int] = json.loads(GOLDEN.read_text())
MOST = 15


def _count(browser: Client, page: str) -> int:
    browser.get(page)  # what is cached for a process is not the page's
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(page).status_code == 200
    return len(queries)


@pytest.mark.parametrize("label", sorted(PAGES))
def test_a_list_takes_as_many_queries_as_the_golden_file_says(
    label: str, sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    page = reverse(f"admin:{label.replace('.', '_')}_changelist")
    taken = _count(sign_in("viewer"), page)
    assert taken == EXPECTED[label]
    assert taken <= MOST


def test_the_home_page_does_not_ask_more_for_more_agents(
    sign_in: Callable[[str], Client], desk: rows.Desk
) -> None:
    taken = _count(sign_in("viewer"), reverse("admin:desk"))
    assert taken == EXPECTED["home"]
    assert taken <= MOST
