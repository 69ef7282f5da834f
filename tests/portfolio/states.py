"""Orders put into a state behind the guards' back, to try every way out of it."""

import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, connection, transaction

from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.models import Order

ASKED = {"quantity": "1", "price": None, "stop_loss": None, "take_profit": None}


def refuses(act: Callable[[], Any]) -> bool:
    """Tell whether the database refuses it, and undo it where it does not."""
    try:
        with transaction.atomic():
            act()
    except IntegrityError:
        return True
    return False


def put_into(status: OrderStatus, row: Order, **changes: Any) -> None:
    """Set a state as only a superuser can, with what belongs to it."""
    facts = {"status": status.value, "amendment": None, "owner": "", "fence": None} | changes
    if status is OrderStatus.REPLACE_PENDING:
        facts["amendment"] = json.dumps(facts["amendment"] or ASKED)
    if status is OrderStatus.SENDING:
        facts |= {"owner": "gateway", "fence": 1}
    columns = ", ".join(f"{name} = %s" for name in facts)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"UPDATE portfolio_order SET {columns} WHERE id = %s", [*facts.values(), row.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    row.refresh_from_db()


def belongings(status: OrderStatus, old: OrderStatus, row: Order) -> dict[str, Any]:
    """Return what an honest move into a state writes beside it."""
    facts: dict[str, Any] = {"amendment": None}
    if status is OrderStatus.SENDING:
        facts |= {"owner": "gateway", "fence": 1}
    if status is OrderStatus.REPLACE_PENDING:
        facts["amendment"] = ASKED
        facts["revision"] = row.revision + (old is not OrderStatus.REPLACE_PENDING)
    return facts
