"""Giving and taking rights on single accounts and agents. Who loses one is told through the bell at once."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from guardian.models import GroupObjectPermission, UserObjectPermission

from apps.broadcast import bell
from apps.edges import rights
from apps.edges.rights import OBJECTS, OPS, QUANT, RISK, RISK_APPROVER, ROLES, TRADER, VIEWER

TOPIC = "rights"
# A role without members, given sight of every object that was ever seeded: what was taken from the real roles
# is not given back at the next start.
SEEDED = "seeded"
ACTING: dict[str, frozenset[str]] = {
    rights.ACCOUNT: frozenset({TRADER, RISK, RISK_APPROVER, OPS}),
    rights.AGENT: frozenset({TRADER, QUANT, RISK, RISK_APPROVER, OPS}),
}
SEEING = (VIEWER, *(role for role in ROLES if role != VIEWER), SEEDED)


def seed(kind: str, slugs: Iterable[str] | None = None) -> int:
    """Give the roles their usual rights on accounts or agents that are new; return how many were.

    Without `slugs` all objects of the kind are looked at.
    """
    natural, seeing, acting = OBJECTS[kind]
    content = ContentType.objects.get_by_natural_key(*natural)
    permissions = {name: _permission(content, name) for name in (seeing, acting)}
    roles = {name: Group.objects.get_or_create(name=name)[0] for name in SEEING}
    known = GroupObjectPermission.objects.filter(content_type=content, group=roles[SEEDED])
    rows = content.get_all_objects_for_this_type()
    wanted = rows if slugs is None else rows.filter(slug__in=list(slugs))
    new = {str(key) for key in wanted.values_list("pk", flat=True)} - set(
        known.values_list("object_pk", flat=True)
    )
    GroupObjectPermission.objects.bulk_create(
        [
            GroupObjectPermission(
                group=roles[role], content_type=content, permission=permissions[name], object_pk=key
            )
            for key in sorted(new)
            for role in SEEING
            for name in (seeing, *((acting,) if role in ACTING[kind] else ()))
        ],
        ignore_conflicts=True,
    )
    return len(new)


def give(who: Any, codename: str, *, kind: str, slug: str) -> bool:
    """Give a user or a group one object right; False if it was there. Raise LookupError for what is not."""
    rows, values = _row(who, codename, kind=kind, slug=slug)
    _, new = rows.get_or_create(**values)
    return bool(new)


def revoke(who: Any, codename: str, *, kind: str, slug: str) -> bool:
    """Take one object right away and ring for each who may lose by it; False if it was not there."""
    rows, values = _row(who, codename, kind=kind, slug=slug)
    with transaction.atomic():
        taken = bool(rows.filter(**values).delete()[0])
        if taken:
            _ring(who)
    return taken


def tell(users: Iterable[Any]) -> None:
    """Ring for users whose roles, activity or rights changed: their sockets ask again what they may see."""
    for user in users:
        bell.after_commit(TOPIC, str(user.pk))


def holders(kind: str, slug: str) -> list[tuple[str, str, str]]:
    """Return who holds which object right on an object: (user or role, name, right), roles first."""
    content, key = _object(kind, slug)
    roles = GroupObjectPermission.objects.filter(content_type=content, object_pk=key).exclude(
        group__name=SEEDED
    )
    people = UserObjectPermission.objects.filter(content_type=content, object_pk=key)
    return [
        *(("role", name, right) for name, right in roles.values_list("group__name", "permission__codename")),
        *(
            ("user", name, right)
            for name, right in people.values_list("user__username", "permission__codename")
        ),
    ]


def _ring(who: Any) -> None:
    members = get_user_model().objects.filter(groups=who) if isinstance(who, Group) else [who]
    tell(members)


def _row(who: Any, codename: str, *, kind: str, slug: str) -> tuple[Any, dict[str, Any]]:
    if codename not in OBJECTS[kind][1:]:
        raise LookupError(f"there is no right {codename} on an {kind}")
    content, key = _object(kind, slug)
    permission = _permission(content, codename)
    values = {"content_type": content, "object_pk": key, "permission": permission}
    if isinstance(who, Group):
        return GroupObjectPermission.objects, values | {"group": who}
    return UserObjectPermission.objects, values | {"user": who}


def _object(kind: str, slug: str) -> tuple[ContentType, str]:
    content = ContentType.objects.get_by_natural_key(*OBJECTS[kind][0])
    key = content.get_all_objects_for_this_type(slug=slug).values_list("pk", flat=True).first()
    if key is None:
        raise LookupError(f"there is no {kind} {slug}")
    return content, str(key)


def _permission(content: ContentType, codename: str) -> Permission:
    return Permission.objects.get(content_type=content, codename=codename)
