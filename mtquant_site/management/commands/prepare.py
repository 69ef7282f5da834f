"""Makes a desk ready to trade in one process: schema, people, the paper account and what may trade on it."""

import json
import time
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand

from apps.agents import lifecycle
from apps.brokers import connections
from apps.marketdata import history
from apps.portfolio import ledger
from apps.risk import changes
from mtquant_site import roles

ACCOUNT, LOGIN, CURRENCY = "paper-1", 100001, "USD"
LEVERAGE = Decimal(30)
SYNTHETIC = ("EURUSD", "GBPUSD", "USDJPY", "XAUUSD")
LOTS_IN_ALL = 2  # shared by the instruments: few trade half a lot each, many less


class Command(BaseCommand):
    help = "Migrate, make the stores' schema, roles and first users, and seed the paper desk. Safe to repeat."
    # The checks run with `migrate`; once is enough.
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own attribute)

    def handle(self, *_: Any, **__: Any) -> None:
        steps: list[tuple[str, Callable[[], str]]] = [
            ("database", _migrate),
            ("time series", _time_series),
            ("roles and users", _people),
        ]
        if settings.MTQ_WORLD == "sim":
            steps += [("paper account", _account), ("limits and sizing", _limits), ("agents", _agents)]
        steps += [("object rights", _object_rights), ("static files", _static)]
        for name, step in steps:
            self._run(name, step)

    def _run(self, name: str, step: Callable[[], str]) -> None:
        began = time.monotonic()
        try:
            note = step()
        except Exception as error:
            # One clear line for whoever starts the desk; --traceback shows the rest.
            line = str(error).partition("\n")[0]
            raise CommandError(f"{name}: {type(error).__name__}: {line}") from error
        self.stdout.write(f"  {name:<20}{time.monotonic() - began:6.2f} s  {note}".rstrip())
        self.stdout.flush()


def _migrate() -> str:
    call_command("check", stdout=StringIO())
    call_command("migrate", interactive=False, verbosity=0)
    return ""


def _time_series() -> str:
    history.ensure_schema()
    return ""


def _people() -> str:
    roles.ensure_roles()
    made = roles.ensure_first_users(settings.MTQ_USERS_FILE)
    return f"{made} users, passwords in {settings.MTQ_USERS_FILE.name}" if made else ""


def _account() -> str:
    """Open the account without money: its cash is what the venue books, the opening deposit too."""
    ledger.open_account(
        slug=ACCOUNT,
        name="Paper account",
        currency=CURRENCY,
        login=str(LOGIN),
        hedging=False,
        leverage=LEVERAGE,
        environment="paper",
    )
    connections.seed_paper_connection(account_slug=ACCOUNT, url=settings.MTQ_VENUE_URL, login=LOGIN)
    return ACCOUNT


def _limits() -> str:
    added = changes.seed_paper_limits(ACCOUNT) + changes.seed_agent_sizing()
    added += changes.seed_classes(_instruments())
    return f"{added} new" if added else ""


def _agents() -> str:
    timeframe, instruments = connections.base_timeframe(), _instruments()
    made = lifecycle.seed_agents(
        account=ACCOUNT,
        instruments=instruments,
        timeframe=timeframe.value,
        max_lots=(Decimal(LOTS_IN_ALL) / len(instruments)).quantize(Decimal("0.01")),
    )
    return f"{made} new on {timeframe.value}" if made else ""


def _instruments() -> tuple[str, ...]:
    """Return what the venue trades: the replayed instruments, else those of the synthetic market."""
    manifest = settings.MTQ_REPLAY_DIR / "manifest.json"
    if not manifest.exists():
        return SYNTHETIC
    return tuple(entry["name"] for entry in json.loads(manifest.read_text())["instruments"])


def _object_rights() -> str:
    seeded = roles.ensure_object_rights()
    return f"{seeded} new" if seeded else ""


def _static() -> str:
    call_command("collectstatic", interactive=False, verbosity=0)
    return ""
