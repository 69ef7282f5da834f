"""The bodies of this app, for sockets: the same that REST sends."""

from apps.portfolio.bodies import (
    Body,
    fill_of,
    fill_rows,
    fills,
    order_body,
    order_of,
    order_rows,
    orders,
    position_bodies,
    positions,
)

__all__ = [
    "Body",
    "fill_of",
    "fill_rows",
    "fills",
    "order_body",
    "order_of",
    "order_rows",
    "orders",
    "position_bodies",
    "positions",
]
