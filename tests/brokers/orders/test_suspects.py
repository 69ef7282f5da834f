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
