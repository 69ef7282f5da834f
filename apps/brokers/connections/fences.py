"""Which gateway may send: the number of the last one that took the lease."""

from django.db import connection
from django.db.models.functions import Now

from apps.brokers.models import GatewayLease


def take_fence(owner: str) -> int:
    """Become the one gateway that may send: every earlier fence is void from now on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into brokers_gatewaylease as lease (id, fence, owner) values (1, 1, %s) "
            "on conflict (id) do update set fence = lease.fence + 1, owner = excluded.owner, "
            "taken_at = now(), renewed_at = now() returning fence",
            [owner],
        )
        return int(cursor.fetchone()[0])


def renew_fence(owner: str, fence: int) -> bool:
    """Say that this gateway lives. False: another one took over, stop sending."""
    rows = GatewayLease.objects.filter(id=1, owner=owner, fence=fence)
    return rows.update(renewed_at=Now()) == 1
