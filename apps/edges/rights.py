"""Who may do what, on which account and agent. One function for admin, REST and sockets.

A right is held by roles (the table), and where an object is named also by an object right on that very
account or agent, of the user or of one of the user's roles. Making things safer is open to more people than
making them looser. `admin` stands for a superuser, who needs no object right but is not a member of every
role: what only risk may do, an administrator does not either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField, CharField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast
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
    "change.propose": frozenset({RISK, RISK_APPROVER}),
    "change.approve": frozenset({RISK_APPROVER}),
    "change.withdraw": frozenset({TRADER, RISK, RISK_APPROVER}),
    "override.propose": frozenset({TRADER, RISK, RISK_APPROVER}),
    "instrument.restrict": frozenset({RISK, ADMIN}),
    "sizing.change": frozenset({RISK}),
    "alert.acknowledge": frozenset({TRADER, QUANT, RISK, OPS, ADMIN}),
    "connection.disable": frozenset({TRADER, RISK, OPS, ADMIN}),
    "connection.enable": frozenset({RISK, OPS, ADMIN}),
    "rights.change": frozenset({ADMIN}),
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
    """Return the slugs of the accounts or agents (`kind`) that the user may see."""
    if not RIGHTS[f"{kind}.view"] & roles_of(user):
        return set()
    seeing = OBJECTS[kind][1]
    return {slug for slug, held in object_rights(user, kind).items() if seeing in held}


def object_rights(user: Any, kind: str) -> Mapping[str, frozenset[str]]:
    """Return an active member of staff's object rights by slug. A superuser holds all on every object."""
    return _holdings(user).objects.get(kind, {})


def roles_of(user: Any) -> frozenset[str]:
    """Return the roles of an active member of staff; nobody else has any."""
    return _holdings(user).roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """A user's roles, and by kind of object and slug the object rights."""

    roles: frozenset[str] = frozenset()
    objects: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)


def _holdings(user: Any) -> Holdings:
    if not (user.is_active and user.is_staff):
        return Holdings()
    known: Holdings | None = getattr(user, "_mtq_holdings", None)
    if known is None:  # one query a request, however many questions a page asks
        known = user._mtq_holdings = _read(user)  # noqa: SLF001 (a memo on the request's own user object)
    return known


_TEXT = CharField()
_ROLE = "role"


def _read(user: Any) -> Holdings:
    groups = Group.objects.filter(user=user, name__in=ROLES)
    parts = [groups.values_list(Value(_ROLE, _TEXT), "name", Value("", _TEXT))]
    for kind in OBJECTS:
        parts += _every(kind) if user.is_superuser else _granted(user, kind)
    roles = {ADMIN} if user.is_superuser else set()
    objects: dict[str, dict[str, set[str]]] = {kind: {} for kind in OBJECTS}
    for kind, name, right in parts[0].union(*parts[1:], all=True):
        if kind == _ROLE:
            roles.add(name)
        elif name is not None:
            objects[kind].setdefault(name, set()).add(right)
    return Holdings(
        roles=frozenset(roles),
        objects={
            kind: {slug: frozenset(held) for slug, held in slugs.items()} for kind, slugs in objects.items()
        },
    )


def _every(kind: str) -> list[Any]:
    """Return the query parts of a superuser, who holds every object right."""
    natural, *names = OBJECTS[kind]
    rows = ContentType.objects.get_by_natural_key(*natural).get_all_objects_for_this_type().order_by()
    return [rows.values_list(Value(kind, _TEXT), "slug", Value(name, _TEXT)) for name in names]


def _granted(user: Any, kind: str) -> list[Any]:
    """Return the query parts of object rights that the user or one of their roles was given."""
    content = ContentType.objects.get_by_natural_key(*OBJECTS[kind][0])
    key = Cast(OuterRef("object_pk"), BigIntegerField())
    slug = Subquery(content.get_all_objects_for_this_type(pk=key).order_by().values("slug"))
    columns = (Value(kind, _TEXT), slug, "permission__codename")
    own = UserObjectPermission.objects.filter(user=user, content_type=content)
    by_role = GroupObjectPermission.objects.filter(group__user=user, content_type=content)
    return [rows.values_list(*columns) for rows in (own, by_role)]


def only_visible(user: Any, rows: QuerySet[Any], paths: Mapping[str, str]) -> QuerySet[Any]:
    """Return the rows that belong to what the user may see.

    `paths` names the columns that say so: of a slug for `account` or `agent`, of a risk scope for `scope`.
    """
    if user.is_superuser and roles_of(user):
        return rows
    for kind, path in paths.items():
        if kind == SCOPE:
            rows = rows.filter(_scopes(user, path))
        else:
            rows = rows.filter(**{f"{path}__in": visible(user, kind)})
    return rows


SCOPE = "scope"


def _scopes(user: Any, path: str) -> Q:
    """Return the condition that a scope is one that `sees` lets the user see, or a pattern of such."""
    prefixes = [f"{at}{kind}:" for at in ("", SOURCE) for kind in OBJECTS]
    if not roles_of(user) & WATCHERS:
        prefixes += [f"{SOURCE}{person}" for person in PERSONS]
    names_one = Q()
    for prefix in prefixes:
        names_one |= Q(**{f"{path}__startswith": prefix})
    own = {f"{SOURCE}user:{user.pk}", *(f"{SOURCE}{scope}" for scope in scopes(user))}
    return ~names_one | Q(**{f"{path}__in": [*(f"{prefix}*" for prefix in prefixes), *own, *scopes(user)]})


def scopes(user: Any) -> set[str]:
    """Return the scopes of risk that the user may see: `desk`, `account:SLUG`, `agent:SLUG`."""
    return {"desk", *(f"{kind}:{slug}" for kind in OBJECTS for slug in visible(user, kind))}


SOURCE = "source:"
# Who answers for what persons ask for sees what each of them takes.
WATCHERS = frozenset({RISK, RISK_APPROVER, ADMIN})
PERSONS = ("user:", "token:")


def sees(user: Any, scope: str) -> bool:
    """Tell whether a user may see a scope of limits, such as `account:SLUG` or `source:agent:SLUG`.

    A person's own source is seen by that person, and by those who watch over risk.
    """
    source = scope.removeprefix(SOURCE)
    named = of_scope(source)
    if named:
        return all(slug in visible(user, kind) for kind, slug in named.items())
    if not scope.startswith(SOURCE) or not source.startswith(PERSONS):
        return bool(roles_of(user))
    return source == f"user:{user.pk}" or bool(roles_of(user) & WATCHERS)


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
        | {"breaker.trip", "breaker.reset", "limit.tighten", "override.propose"}
        | {"change.propose", "change.approve", "change.withdraw"}
        | {"connection.disable", "connection.enable"}
    ),
    AGENT: frozenset(
        {"agent.view", "agent.pause", "agent.resume", "agent.train", "agent.deploy"}
        | {"breaker.trip", "breaker.reset", "limit.tighten", "sizing.change", "instrument.restrict"}
        | {"change.propose", "change.approve", "change.withdraw"}
    ),
}


def of_scope(scope: str) -> dict[str, str]:
    """Return what a scope of risk names, as arguments for `may`.

    It is `desk`, `account:SLUG`, `agent:SLUG`, or a source's: `source:agent:SLUG`.
    """
    kind, _, slug = scope.removeprefix("source:").partition(":")
    return {kind: slug} if kind in OBJECTS and slug and slug != "*" else {}


MOST_OF_ACTOR = 80  # what the columns of ledgers hold; a name alone may have 150


def actor(user: Any) -> str:
    """Return under what ledgers keep what a person did: the id, and the name, cut with `…` if it is long."""
    name, room = user.get_username(), MOST_OF_ACTOR - len(f"user:{user.pk} ()")
    return f"user:{user.pk} ({name if len(name) <= room else f'{name[: room - 1]}…'})"
