"""A permit as one would write it first: a row lock and a statement for each step. The peer of `permit.py`.

It judges one limit, the account's position, and keeps an order, its room and a line of a log.
"""

import time
from decimal import Decimal
from typing import Any

import psycopg

TABLES = """
create table plain_account (id int primary key, position numeric not null, hard numeric not null);
create table plain_order (id bigserial primary key, account_id int not null references plain_account,
    signal text not null unique, quantity numeric not null, status text not null);
create table plain_room (order_id bigint primary key references plain_order, quantity numeric not null);
create table plain_log (id bigserial primary key, order_id bigint not null, text text not null);
create index plain_open on plain_order (account_id) where status = 'approved';
"""
LOTS = Decimal("0.01")


def prepare(url: str, accounts: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(TABLES)
        for number in range(accounts):
            connection.execute("insert into plain_account values (%s, 0, 1000)", [number])


def permit(connection: psycopg.Connection[tuple[Any, ...]], account: int, signal: str) -> float:
    """Ask for one order in six round trips and a commit, and return the milliseconds that took."""
    since = time.perf_counter()
    with connection.transaction():
        held, hard = _row(
            connection, "select position, hard from plain_account where id = %s for update", [account]
        )
        (opened,) = _row(
            connection,
            "select coalesce(sum(r.quantity), 0) from plain_order o join plain_room r on r.order_id = o.id "
            "where o.account_id = %s and o.status = 'approved'",
            [account],
        )
        known = connection.execute("select 1 from plain_order where signal = %s", [signal]).fetchone()
        status = "denied" if known or held + opened + LOTS > hard else "approved"
        (number,) = _row(
            connection,
            "insert into plain_order (account_id, signal, quantity, status) values (%s, %s, %s, %s) "
            "returning id",
            [account, signal, LOTS, status],
        )
        connection.execute("insert into plain_room values (%s, %s)", [number, LOTS])
        connection.execute("insert into plain_log (order_id, text) values (%s, %s)", [number, status])
    return (time.perf_counter() - since) * 1000


def take_back(connection: psycopg.Connection[tuple[Any, ...]], signal: str) -> None:
    """End the order, so that its room is free again."""
    with connection.transaction():
        (account,) = _row(connection, "select account_id from plain_order where signal = %s", [signal])
        connection.execute("select 1 from plain_account where id = %s for update", [account])
        connection.execute("update plain_order set status = 'cancelled' where signal = %s", [signal])
        connection.execute(
            "update plain_room set quantity = 0 from plain_order o where o.id = order_id and o.signal = %s",
            [signal],
        )
        connection.execute(
            "insert into plain_log (order_id, text) "
            "select id, 'cancelled' from plain_order where signal = %s",
            [signal],
        )


def _row(connection: psycopg.Connection[tuple[Any, ...]], sql: str, values: list[object]) -> tuple[Any, ...]:
    row = connection.execute(sql, values).fetchone()
    if row is None:
        raise LookupError(sql)
    return row
