"""What REST and sockets send of accounts beside their breakers, of breakers, and of alerts."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from apps.edges import rights
from apps.edges.shapes import amount, instant
from apps.portfolio import overview as holdings
from apps.portfolio.errors import UnknownAccount
from apps.portfolio.overview import CURVE_POINTS, AccountGlance
from apps.risk import overview
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.models import Alert, BreakerState
from apps.risk.overview import BreakerGlance

Body = dict[str, Any]
ALERT_COLUMNS = ("id", "level", "rule", "text", "opened_at", "last_at", "closed_at", "count")


def account_bodies(slugs: Collection[str]) -> list[Body]:
    """Return these accounts, each with its newest valuation and its breaker."""
    glances = [glance for glance in holdings.accounts() if glance.slug in slugs]
    breakers = {glance.scope: glance for glance in overview.breakers()}
    scopes = [f"account:{glance.slug}" for glance in glances]
    states = {state.scope: state for state in BreakerState.objects.filter(scope__in=scopes)}
    return [
        _account(glance, breakers.get(scope), states.get(scope))
        for glance, scope in zip(glances, scopes, strict=True)
    ]


def account_body(slug: str) -> Body:
    """Return one account. Raise UnknownAccount."""
    found = account_bodies({slug})
    if not found:
        raise UnknownAccount(slug)
    return found[0]


def _account(glance: AccountGlance, breaker: BreakerGlance | None, state: BreakerState | None) -> Body:
    started = state.day_start if state else None
    profit = glance.equity - started if glance.equity is not None and started is not None else None
    level = breaker.level if breaker else BreakerLevel.NORMAL
    return {
        "slug": glance.slug,
        "name": glance.name,
        "currency": glance.currency,
        "environment": glance.environment,
        "enabled": glance.enabled,
        "entries_blocked": glance.entries_blocked,
        "cash": amount(glance.cash),
        "equity": amount(glance.equity),
        "open_profit": amount(glance.open_profit),
        "margin_used": amount(glance.margin_used),
        "gross": amount(glance.gross),
        "day_profit": amount(profit),
        "drawdown": float(breaker.drawdown) if breaker else None,
        "high_water_mark": amount(state.high_water_mark if state else None),
        "breaker": {
            "level": int(level),
            "level_name": level.name,
            "thresholds": [float(share) for share in breaker.thresholds] if breaker else [],
        },
        "desk_at": instant(glance.desk_at),
        "valued_at": instant(glance.valued_at),
    }


def curve_body(slug: str, *, points: int = CURVE_POINTS) -> Body:
    """Return an account's equity over its run, and the losses at which its levels begin."""
    breaker = next((found for found in overview.breakers() if found.scope == f"account:{slug}"), None)
    return {
        "points": [
            {
                "at": instant(point.at),
                "mean": _cents(point.mean),
                "low": _cents(point.low),
                "high": _cents(point.high),
            }
            for point in holdings.equity_curve(account=slug, points=points)
        ],
        "limits": [float(share) for share in breaker.thresholds] if breaker else [],
        "base": amount(breaker.base) if breaker else None,
    }


def _cents(value: float) -> str:
    return f"{Decimal(value):.2f}"


def breaker_bodies(user: Any) -> list[Body]:
    """Return the breakers of the desk and of the accounts and agents that the user may see."""
    seen = rights.scopes(user)
    return [_breaker(glance) for glance in overview.breakers() if glance.scope in seen]


def breaker_body(scope: str) -> Body | None:
    """Return one scope's breaker, None where it never had one."""
    return next((_breaker(glance) for glance in overview.breakers() if glance.scope == scope), None)


def all_breakers() -> list[Body]:
    """Return every scope's breaker: who may see which is the caller's to ask."""
    return [_breaker(glance) for glance in overview.breakers()]


def _breaker(glance: BreakerGlance) -> Body:
    return {
        "scope": glance.scope,
        "level": int(glance.level),
        "level_name": glance.level.name,
        "drawdown": float(glance.drawdown),
        "base": amount(glance.base),
        "equity": amount(glance.equity),
        "thresholds": [float(share) for share in glance.thresholds],
        "cause": glance.cause,
        "changed_at": instant(glance.changed_at),
    }


def alert_rows() -> QuerySet[Alert, dict[str, Any]]:
    """Return all alerts as the rows that `alert_of` reads, newest first."""
    rows: QuerySet[Alert, dict[str, Any]] = Alert.objects.order_by("-id").values(*ALERT_COLUMNS)
    return rows


def alert_of(row: Mapping[str, Any]) -> Body:
    """Return the body of one alert; `count` is how often it was raised while open."""
    return {
        "id": row["id"],
        "level": row["level"],
        "rule": row["rule"],
        "text": row["text"],
        "created_at": instant(row["opened_at"]),
        "last_at": instant(row["last_at"]),
        "closed_at": instant(row["closed_at"]),
        "count": row["count"],
    }


def alert_bodies(scopes: Collection[str], *, limit: int = 50) -> list[Body]:
    """Return the newest open alerts of these scopes."""
    rows = alert_rows().filter(closed_at__isnull=True, scope__in=scopes)
    return [alert_of(row) for row in rows[:limit]]
