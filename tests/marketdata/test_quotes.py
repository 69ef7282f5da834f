"""What may be traded on."""

from datetime import timedelta

import pytest

from apps.marketdata import calendar, ingestion, instruments, quotes
from apps.marketdata.errors import UnknownInstrument
from tests.marketdata.samples import EURUSD, MONDAY, quote


@pytest.mark.parametrize(
    ("age_s", "is_fresh"), [(0, True), (15, True), (15.1, False), (-2, True), (-2.1, False)]
)
def test_a_quote_is_fresh_for_15_seconds_and_not_before_its_time(
    run: str, age_s: float, is_fresh: bool
) -> None:
    ingestion.publish_quotes([quote()])
    assert bool(quotes.fresh(["EURUSD"], now=MONDAY + timedelta(seconds=age_s))) is is_fresh


def test_unknown_names_have_no_quote(run: str) -> None:
    assert quotes.latest(["NOTHERE"]) == quotes.latest([]) == {}


def test_a_nan_does_not_hide_the_good_quote_before_it(run: str) -> None:
    ingestion.publish_quotes([quote()])
    ingestion.publish_quotes([quote(bid="NaN", at=MONDAY + timedelta(seconds=1))])
    assert quotes.fresh(["EURUSD"], now=MONDAY) == {"EURUSD": quote()}


def test_a_registered_instrument_comes_back_as_the_venue_described_it(run: str) -> None:
    assert instruments.spec("EURUSD") == EURUSD
    with pytest.raises(UnknownInstrument):
        instruments.spec("NOTHERE")


def test_registering_again_updates(run: str) -> None:
    changed = type(EURUSD)(
        **{name: getattr(EURUSD, name) for name in EURUSD.__slots__} | {"lot_max": EURUSD.lot_step}
    )
    ingestion.register(source="another", specs=[("EURUSD.x", changed)])
    assert instruments.spec("EURUSD").lot_max == EURUSD.lot_step


def test_metals_pause_and_currencies_do_not(run: str) -> None:
    pause = MONDAY.replace(hour=22, minute=30)
    assert calendar.is_open("EURUSD", at=pause)
    assert not calendar.is_open("XAUUSD", at=pause)
    assert calendar.minutes_to_close("XAUUSD", at=MONDAY.replace(hour=21)) == 60
    assert calendar.minutes_to_close("XAUUSD", at=pause) is None
