"""Who is asking: a browser's session, and a role; `need` refuses what a right does not cover."""

from typing import Any, NoReturn

from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.edges import rights
from apps.edges.problems import Problem


class BrowserSession(SessionAuthentication):
    """Django's session with CSRF enforced; nobody signed in is 401, not 403."""

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 (the framework's signature)
        return "Session"


class Member(BasePermission):
    """Lets in whoever holds a role of the desk."""

    message = "You hold no role on this desk."

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002
        return bool(request.user.is_authenticated and rights.roles_of(request.user))


def need(user: Any, right: str, *, account: str | None = None, agent: str | None = None) -> None:
    """Raise a 404 problem for an object that the user may not see, a 403 one for a right not held."""
    if account is not None and account not in rights.visible(user, rights.ACCOUNT):
        _hidden()
    if agent is not None and agent not in rights.visible(user, rights.AGENT):
        _hidden()
    if not rights.may(user, right, account=account, agent=agent):
        on = "".join(f" on {name}" for name in (account, agent) if name)
        raise Problem("forbidden", f"You do not hold the right {right}{on}.")


def _hidden() -> NoReturn:
    raise Problem("not-found")
