"""Who may do what, on which account and agent. One function for admin, REST and sockets.

A right is held by roles (the table), and where an object is named also by an object right on that very
account or agent, of the user or of one of the user's roles. Making things safer is open to more people than
making them looser. `admin` stands for a superuser, who needs no object right but is not a member of every
role: what only risk may do, an administrator does not either.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from guardian.models import GroupObjectPermission, UserObjectPermission

VIEWER, TRADER, QUANT, RISK = "viewer", "trader", "quant", "risk"
RISK_APPROVER, OPS, ADMIN = "risk_approver", "ops", "admin"
ROLES = (VIEWER, TRADER, QUANT, RISK, RISK_APPROVER, OPS)
EVERYBODY = frozenset({*ROLES, ADMIN})

RIGHTS: dict[str, frozenset[str]] = {
    "account.view": EVERYBODY,
    "agent.view": EVERYBODY,
    "order.send": frozenset({TRADER, ADMIN}),
    "order.cancel": frozenset({TRADER, RISK, OPS, ADMIN}),
    "position.close": frozenset({TRADER, RISK, ADMIN}),
    "desk.halt": frozenset({TRADER, RISK, RISK_APPROVER, OPS, ADMIN}),
    "breaker.trip": frozenset({TRADER, RISK, RISK_APPROVER, OPS, ADMIN}),
    "breaker.reset": frozenset({RISK}),
    "agent.pause": frozenset({TRADER, QUANT, RISK, OPS, ADMIN}),
    "agent.resume": frozenset({QUANT, RISK, ADMIN}),
    "agent.train": frozenset({QUANT, ADMIN}),
    "agent.deploy": frozenset({QUANT, ADMIN}),
    "limit.tighten": frozenset({RISK, ADMIN}),
    "limit.loosen": frozenset({RISK}),
    "sizing.change": frozenset({RISK}),
    "alert.acknowledge": frozenset({TRADER, QUANT, RISK, OPS, ADMIN}),
    "connection.disable": frozenset({TRADER, RISK, OPS, ADMIN}),
    "connection.enable": frozenset({RISK, OPS, ADMIN}),
}

ACCOUNT, AGENT = "account", "agent"
# kind of object: its app and model, the right to see one, the right to act on one
OBJECTS: dict[str, tuple[tuple[str, str], str, str]] = {
    ACCOUNT: (("portfolio", "account"), "view_account", "trade_account"),
    AGENT: (("agents", "agent"), "view_agent", "operate_agent"),
}


def may(user: Any, right: str, *, account: str | None = None, agent: str | None = None) -> bool:
    """Tell whether a user holds a right, on the named account and agent where given.

    Raise KeyError for a right that is not in the table.
    """
    if not RIGHTS[right] & roles_of(user):
        return False
    named = ((ACCOUNT, account), (AGENT, agent))
    return all(_holds(user, right, kind, slug) for kind, slug in named if slug is not None)


def _holds(user: Any, right: str, kind: str, slug: str) -> bool:
    if user.is_superuser:
        return True
    _, seeing, acting = OBJECTS[kind]
    return (seeing if right.endswith(".view") else acting) in object_rights(user, kind).get(slug, ())


def visible(user: Any, kind: str) -> set[str]:
    """Return the slugs of the accounts or agents (`kind`) that the user may see; at most two queries."""
    if not RIGHTS[f"{kind}.view"] & roles_of(user):
        return set()
    seeing = OBJECTS[kind][1]
    return {slug for slug, held in object_rights(user, kind).items() if seeing in held}


def object_rights(user: Any, kind: str) -> Mapping[str, frozenset[str]]:
    """Return an active member of staff's object rights by slug. A superuser holds all on every object."""
    known: dict[str, Mapping[str, frozenset[str]]] | None = getattr(user, "_mtq_object_rights", None)
    if known is None:
        known = user._mtq_object_rights = {}  # noqa: SLF001 (a memo on the request's own user object)
    if kind not in known:
        known[kind] = _object_rights(user, kind) if user.is_active and user.is_staff else {}
    return known[kind]


def _object_rights(user: Any, kind: str) -> dict[str, frozenset[str]]:
    natural, seeing, acting = OBJECTS[kind]
    content = ContentType.objects.get_by_natural_key(*natural)
    rows = content.get_all_objects_for_this_type()
    if user.is_superuser:
        return dict.fromkeys(rows.values_list("slug", flat=True), frozenset({seeing, acting}))
    columns = ("object_pk", "permission__codename")
    own = UserObjectPermission.objects.filter(user=user, content_type=content).values_list(*columns)
    roles = GroupObjectPermission.objects.filter(group__user=user, content_type=content).values_list(*columns)
    held: dict[str, set[str]] = {}
    for key, codename in own.union(roles):
        held.setdefault(key, set()).add(codename)
    slugs = rows.filter(pk__in=held).values_list("pk", "slug") if held else ()
    return {slug: frozenset(held[str(key)]) for key, slug in slugs}


def held(user: Any) -> list[str]:
    """Return the names of all rights of the table that the user's roles give."""
    roles = roles_of(user)
    return sorted(name for name, holders in RIGHTS.items() if holders & roles)


def held_on(user: Any, kind: str) -> dict[str, list[str]]:
    """Return by slug the rights that the user holds on each account or agent that is visible to them."""
    names = held(user)
    return {
        slug: [name for name in names if name in ON[kind] and may(user, name, **{kind: slug})]
        for slug in sorted(visible(user, kind))
    }


# Which rights are asked of an account, and which of an agent.
ON: dict[str, frozenset[str]] = {
    ACCOUNT: frozenset(
        {"account.view", "order.send", "order.cancel", "position.close", "desk.halt"}
        | {"breaker.trip", "breaker.reset", "limit.tighten", "limit.loosen"}
        | {"connection.disable", "connection.enable"}
    ),
    AGENT: frozenset(
        {"agent.view", "agent.pause", "agent.resume", "agent.train", "agent.deploy"}
        | {"breaker.trip", "breaker.reset", "limit.tighten", "limit.loosen", "sizing.change"}
    ),
}


def of_scope(scope: str) -> dict[str, str]:
    """Return what a scope of risk (`desk`, `account:SLUG`, `agent:SLUG`) names, as arguments for `may`."""
    kind, _, slug = scope.partition(":")
    return {kind: slug} if kind in OBJECTS and slug and slug != "*" else {}


def roles_of(user: Any) -> frozenset[str]:
    """Return the roles of an active member of staff; nobody else has any."""
    if not (user.is_active and user.is_staff):
        return frozenset()
    known: frozenset[str] | None = getattr(user, "_mtq_roles", None)
    if known is None:  # one query a request: a page asks for several rights
        names = {name for name in user.groups.values_list("name", flat=True) if name in ROLES}
        known = frozenset(names | ({ADMIN} if user.is_superuser else set()))
        user._mtq_roles = known  # noqa: SLF001 (a memo on the request's own user object)
    return known


def actor(user: Any) -> str:
    """Return the name under which ledgers keep what a person did."""
    return f"user:{user.pk} ({user.get_username()})"
