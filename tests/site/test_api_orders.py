from collections.abc import Callable

from django.test import Client

from tests.site import rows


def test_a_viewer_reads_the_orders_of_the_desk(sign_in: Callable[[str], Client], desk: rows.Desk) -> None:
    answer = sign_in("viewer").get("/api/v1/orders/?status=denied&limit=2")
    assert answer.status_code == 200, answer.content
    page = answer.json()
    assert [order["status"] for order in page["results"]] == ["denied", "denied"]
    assert page["results"][0]["reasons"][0]["check"] == "gross"
    assert page["previous"] is None
    assert sign_in("viewer").get(page["next"]).json()["results"][0]["id"] not in {
        order["id"] for order in page["results"]
    }
    assert answer.headers["X-Request-ID"]


def test_nobody_reads_anything_without_signing_in(client: Client, desk: rows.Desk) -> None:
    answer = client.get("/api/v1/orders/")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/not-signed-in"
