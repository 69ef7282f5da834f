"""The tables of costs: `paper-1` is what the paper venue takes, row by row."""

from decimal import Decimal

import numpy as np
import pytest

from apps.brokers.simulators.market.instruments import CATALOGUE
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.portfolio.domain import costs, tariffs
from apps.portfolio.domain.tariffs import TARIFFS, NoTariff


def spec(name: str) -> InstrumentSpec:
    record = CATALOGUE[name]
    return InstrumentSpec(
        name=name,
        base_currency=record.currency_base,
        quote_currency=record.currency_profit,
        contract_size=record.contract_size,
        tick_size=record.point,
        lot_step=record.volume_step,
        lot_min=record.volume_min,
        lot_max=record.volume_max,
        margin_rate=record.margin_rate,
    )


def test_paper_knows_every_instrument_of_the_venue() -> None:
    assert set(TARIFFS["paper-1"]) == set(CATALOGUE)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_paper_takes_what_the_venue_takes(name: str) -> None:
    record, terms = CATALOGUE[name], tariffs.terms_of(spec(name))
    lot_point = record.point * record.contract_size
    assert costs.commission(Decimal(2), terms) == 2 * record.commission_per_lot
    assert costs.swap(Decimal(1), Decimal(1), terms) == -record.swap_long * lot_point
    assert costs.swap(Decimal(-1), Decimal(3), terms) == -3 * record.swap_short * lot_point
    assert costs.slippage_cost(Decimal(1), terms) == 0


def test_arrays_say_the_same() -> None:
    exact = tariffs.terms_of(spec("USDJPY"), spread=Decimal("0.012"))
    arrays = tariffs.array_terms_of(spec("USDJPY"), spread=np.array([0.012, 0.02]))
    for name in ("contract_size", "spread", "slippage", "commission_per_lot", "swap_long_per_lot"):
        assert getattr(arrays, name)[0] == float(getattr(exact, name))
    assert arrays.spread[1] == 0.02


@pytest.mark.parametrize(
    ("instrument", "version", "said"),
    [("EURUSD", "paper-0", "no table of costs named paper-0"), ("XAGUSD", "paper-1", "no row for XAGUSD")],
)
def test_what_no_table_names_is_refused(instrument: str, version: str, said: str) -> None:
    with pytest.raises(NoTariff, match=said):
        tariffs.tariff(instrument, version=version)
