"""The schema is exact, the web app's copy of it is the one of this code, and its pages need nobody else."""

import re

import pytest
from django.test import Client

from mtquant_site.api import openapi
from tests.site import schema


def test_the_web_apps_copy_is_the_schema_of_this_code() -> None:
    same = openapi.FILE.read_text() == openapi.text()
    assert same, (
        f"frontend/openapi.json is old. Refresh it, then its types (npm run types): {openapi.COMMAND}"
    )


def test_the_schema_is_the_same_each_time() -> None:
    assert openapi.text() == openapi.text()


def test_every_operation_says_what_it_answers_and_how_it_refuses() -> None:
    for path, operations in schema.document()["paths"].items():
        for method, operation in operations.items():
            assert "default" in operation["responses"], (method, path)
            assert operation.get("summary"), (method, path)


@pytest.mark.parametrize("page", ["docs", "redoc"])
def test_the_pages_of_the_schema_fetch_nothing_from_elsewhere(page: str, client: Client, db: None) -> None:
    html = client.get(f"/api/{page}/").content.decode()
    fetched = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert any("drf_spectacular_sidecar" in address for address in fetched)
    assert not [address for address in fetched if address.startswith(("http:", "https:", "//"))]


def test_the_schema_is_served(client: Client, db: None) -> None:
    assert client.get("/api/schema/").json()["openapi"] == "3.1.0"
