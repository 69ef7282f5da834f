"""People with their roles at a desk that risk can judge on; no venue, so what is approved waits."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from pytest_django import Settings

if TYPE_CHECKING:
    from tests.risk.desk import Desk

PASSWORD = "a long enough password"
ROLES = ("viewer", "trader", "quant", "risk", "risk_approver", "ops")


@dataclass(slots=True, kw_only=True)
class Browser:
    """Somebody signed in, who sends JSON and a new key with every write unless told one."""

    client: Client
    user: Any
    sent: int = 0

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        self.sent += 1
        headers = {"Idempotency-Key": key or f"{self.user.username}-key-{self.sent}"} if key != "" else {}
        return self.client.post(
            f"/api/v1/{path}", {} if body is None else body, content_type="application/json", headers=headers
        )

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1/{path}")


@pytest.fixture
def desk(transactional_db: None, valkey: str, settings: Settings, tmp_path: Path) -> "Desk":
    # Models cannot be imported yet when pytest reads this file.
    from apps.brokers import connections  # noqa: PLC0415
    from tests.risk.desk import ACCOUNT, open_desk  # noqa: PLC0415

    opened = open_desk(settings, tmp_path)
    connections.seed_paper_connection(account_slug=ACCOUNT, url="http://127.0.0.1:9/mcp", login=1)
    return opened


@pytest.fixture
def sign_in(desk: "Desk") -> Callable[[str], Browser]:
    """Give a browser of somebody who holds a role, or of an administrator."""
    from django.contrib.auth.models import Group, User  # noqa: PLC0415

    from mtquant_site import roles  # noqa: PLC0415

    roles.ensure_roles()
    roles.ensure_object_rights()

    def as_person(role: str, name: str = "") -> Browser:
        user = User.objects.create_user(name or role, password=PASSWORD, is_staff=True)
        if role == "admin":
            user.is_superuser = True
            user.save()
        elif role:
            user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return Browser(client=client, user=user)

    return as_person
