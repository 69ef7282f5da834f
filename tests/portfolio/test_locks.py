import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from apps.portfolio import books, locks
from apps.portfolio.domain.book import AccountView
from apps.portfolio.errors import Busy
from tests.portfolio.factories import approve
from tests.portfolio.racing import at_once


def while_held(
    act: Callable[[], None], *, desk: locks.Mode | None = None, accounts: tuple[str, ...] = ()
) -> None:
    """Run something while another connection holds locks."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            locks.take(desk=desk, accounts=accounts, wait_s=2)
            held.set()
            done.wait()
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        held.wait()
        try:
            act()
        finally:
            done.set()
            holding.result()


def enter() -> None:
    with transaction.atomic():
        locks.take(desk="shared", agents=["a"], accounts=["paper-1"], wait_s=locks.ENTRY_WAIT_S)


def leave() -> None:
    with transaction.atomic():
        locks.take(agents=["a"], accounts=["paper-1"], wait_s=locks.EXIT_WAIT_S)


def test_who_finds_the_account_held_is_busy(committed: AccountView) -> None:
    def try_it() -> None:
        with pytest.raises(Busy):
            enter()

    while_held(try_it, accounts=("paper-1",))
    enter()


def test_other_accounts_go_on(committed: AccountView) -> None:
    while_held(enter, accounts=("paper-2",))


def test_i11_an_exit_takes_no_desk_lock(committed: AccountView) -> None:
    def try_it() -> None:
        leave()
        with pytest.raises(Busy):
            enter()

    while_held(try_it, desk="exclusive")


def test_entries_share_the_desk(committed: AccountView) -> None:
    while_held(enter, desk="shared")


def test_locks_need_a_transaction(committed: AccountView) -> None:
    with pytest.raises(RuntimeError):
        locks.lock_account("paper-1")


def test_accounts_taken_in_opposite_orders_never_meet_in_a_circle(committed: AccountView) -> None:
    def take(*names: str) -> None:
        with transaction.atomic():
            locks.take(accounts=names, wait_s=10)

    at_once(*[lambda: take("a", "b"), lambda: take("b", "a")] * 4)


def test_i3_whoever_loads_under_the_lock_sees_what_was_written_before(committed: AccountView) -> None:
    """Four orders want the room for one: the load is a later statement than the lock."""

    def permit() -> bool:
        with transaction.atomic():
            locks.take(accounts=("paper-1",), wait_s=10)
            if books.load("paper-1").worst_long("EURUSD") >= 1:
                return False
            approve()
            return True

    assert sum(at_once(*[permit] * 4)) == 1


def test_a_book_outside_a_transaction_is_one_snapshot(committed: AccountView) -> None:
    approve()
    assert len(books.load("paper-1").open_orders) == 1
