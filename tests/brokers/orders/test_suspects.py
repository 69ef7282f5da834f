"""A difference between venue and ledger counts once it was there in two passes, unchanged."""

from decimal import Decimal

from apps.brokers.reconciliation.differences import Suspects

LOT = Decimal(1)


def test_a_difference_seen_once_is_only_remembered() -> None:
    assert Suspects().lasting({"EURUSD": LOT}) == {}


def test_a_difference_that_stays_the_same_lasts() -> None:
    suspects = Suspects(seen={"EURUSD": LOT})
    assert suspects.lasting({"EURUSD": LOT}) == {"EURUSD": LOT}


def test_a_difference_that_changes_is_a_booking_under_way() -> None:
    suspects = Suspects(seen={"EURUSD": LOT})
    assert suspects.lasting({"EURUSD": 2 * LOT}) == {}


def test_what_an_order_on_its_way_may_have_moved_is_not_counted() -> None:
    """Equal orders make equal differences: twice the same commission must not look like one that stays."""
    suspects = Suspects(seen={"cash": LOT})
    assert suspects.lasting({"cash": LOT}, unsure={"cash"}) == {}
    assert suspects.lasting({}) == {}


def test_a_confirmed_difference_stands_while_orders_move() -> None:
    suspects = Suspects(seen={"cash": LOT})
    suspects.lasting({"cash": LOT})
    assert suspects.lasting({}, unsure={"cash"}) == {"cash": LOT}
    assert suspects.lasting({}) == {}
