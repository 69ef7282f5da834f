"""People with their roles on the floor's desk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:
    from tests.agents.floor import Floor

PASSWORD = "a long enough password"


@dataclass(slots=True, kw_only=True)
class Browser:
    """Somebody who is signed in and sends JSON."""

    client: Client
    user: Any

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1/{path}")

    def post(self, path: str, body: Any = None) -> Any:
        return self.client.post(f"/api/v1/{path}", body or {}, content_type="application/json")


@pytest.fixture
def sign_in(floor: "Floor") -> Callable[..., Browser]:
    """Sign somebody in who holds a role; the roles get their usual rights on the agents that there are."""
    # Models cannot be imported yet when pytest reads this file.
    from django.contrib.auth.models import Group, User  # noqa: PLC0415

    from mtquant_site import roles  # noqa: PLC0415

    def as_person(role: str, name: str = "") -> Browser:
        roles.ensure_roles()
        roles.ensure_object_rights()
        user = User.objects.create_user(
            name or role, password=PASSWORD, is_staff=True, is_superuser=role == "admin"
        )
        user.groups.set(Group.objects.filter(name=role))
        client = Client()
        client.force_login(user)
        return Browser(client=client, user=user)

    return as_person
