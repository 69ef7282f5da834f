"""The first roles and people of a desk. What a role may do beyond seeing stands in `apps.edges.rights`."""

import json
import secrets
from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission

from apps.edges import grants
from apps.edges.rights import ADMIN, OBJECTS, ROLES
from deploy.desk.servers import write_private

FLOORS = ("marketdata", "portfolio", "risk", "brokers", "agents")


def ensure_roles() -> int:
    """Make the groups, each with sight of every page; return how many are new or got new permissions."""
    sight = set(
        Permission.objects.filter(
            content_type__app_label__in=FLOORS, codename__startswith="view_"
        ).values_list("id", flat=True)
    )
    changed = 0
    for name in ROLES:
        group, _ = Group.objects.get_or_create(name=name)
        missing = sight - set(group.permissions.values_list("id", flat=True))
        if missing:
            group.permissions.add(*missing)
            changed += 1
    return changed


def ensure_object_rights() -> int:
    """Give the roles their usual rights on accounts and agents that are new; return on how many."""
    return sum(grants.seed(kind) for kind in OBJECTS)


def ensure_first_users(users_file: Path) -> int:
    """Make one user per role and a superuser with generated passwords, kept in a file for its owner alone.

    A desk that has users is left alone. Returns how many were made.
    """
    people = get_user_model()
    if people.objects.exists():
        return 0
    passwords = {name: secrets.token_urlsafe(12) for name in (ADMIN, *ROLES)}
    # The file comes first: a password that nobody could read later would lock everyone out.
    users_file.parent.mkdir(parents=True, exist_ok=True)
    write_private(users_file, json.dumps(passwords, indent=2) + "\n")
    for name, password in passwords.items():
        user = people.objects.create_user(
            username=name, password=password, is_staff=True, is_superuser=name == ADMIN
        )
        if name in ROLES:
            user.groups.add(Group.objects.get(name=name))
    return len(passwords)
