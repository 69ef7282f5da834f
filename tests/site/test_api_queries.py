"""How many queries each list over REST takes: the golden file's number, however many rows there are."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.site import rows
from tests.site.test_queries import EXPECTED

LISTS = [name.removeprefix("api ") for name in EXPECTED if name.startswith("api ")]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_over_rest_takes_as_many_queries_as_the_golden_file_says(
    name: str, sign_in: Callable[[str], Client], desk: rows.Desk, valkey: str
) -> None:
    browser, path = sign_in("viewer"), f"/api/v1/{name}/"
    browser.get(path)  # what is cached for a process is not the list's
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(path).status_code == 200
    assert len(queries) == EXPECTED[f"api {name}"]
