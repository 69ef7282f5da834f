"""The fixed cast of a desk, and a desk with a little of everything."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from apps.edges.rights import ROLES
from apps.marketdata import instruments
from mtquant_site import roles
from tests.site import rows

PASSWORD = "a long enough password"


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    """One person per role, and an administrator who holds none of them."""
    roles.ensure_roles()
    people = {"admin": User.objects.create_superuser("admin", password=PASSWORD)}
    for role in ROLES:
        people[role] = User.objects.create_user(role, password=PASSWORD, is_staff=True)
        people[role].groups.add(Group.objects.get(name=role))
    return people


@pytest.fixture
def sign_in(cast: dict[str, User]) -> Callable[[str], Client]:
    """Give a browser in which somebody of the cast is signed in, without having typed a password."""

    def as_person(name: str) -> Client:
        client = Client()
        client.force_login(cast[name])
        return client

    return as_person


@pytest.fixture
def desk(db: None) -> rows.Desk:
    made = rows.make()
    roles.ensure_object_rights()
    return made


@pytest.fixture
def viewer(sign_in: Callable[[str], Client]) -> Client:
    """A browser in which the viewer is signed in."""
    return sign_in("viewer")


@pytest.fixture
def floor(valkey: str, transactional_db: None, desk: rows.Desk) -> Iterator[None]:
    """A desk on an empty Valkey, whose roles have their usual rights on its account and agents."""
    roles.ensure_roles()
    roles.ensure_object_rights()
    instruments.forget()
    yield
    instruments.forget()
