"""Who may do what. One table for admin, REST and sockets; seeing is a matter of Django's view permissions.

Making things safer is open to more people than making them looser. `admin` stands for a superuser, who is not
a member of every role: what only risk may do, an administrator does not either.
"""

from typing import Any

VIEWER, TRADER, QUANT, RISK, ADMIN = "viewer", "trader", "quant", "risk", "admin"
ROLES = (VIEWER, TRADER, QUANT, RISK)

RIGHTS: dict[str, frozenset[str]] = {
    "breaker.trip": frozenset({TRADER, RISK, ADMIN}),
    "breaker.reset": frozenset({RISK}),
    "agent.pause": frozenset({TRADER, QUANT, RISK, ADMIN}),
    "agent.resume": frozenset({QUANT, RISK, ADMIN}),
    "limit.tighten": frozenset({RISK, ADMIN}),
    "limit.loosen": frozenset({RISK}),
    "sizing.change": frozenset({RISK}),
    "alert.acknowledge": frozenset({TRADER, QUANT, RISK, ADMIN}),
    "connection.disable": frozenset({TRADER, RISK, ADMIN}),
    "connection.enable": frozenset({RISK, ADMIN}),
    "order.cancel": frozenset({TRADER, RISK, ADMIN}),
}


def may(user: Any, right: str) -> bool:
    """Tell whether a user holds a right of the table. Raise KeyError for a right that is not in it."""
    return bool(RIGHTS[right] & roles_of(user))


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
