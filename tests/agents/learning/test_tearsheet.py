"""The tear sheet: one file that stands alone and says how it is."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from apps.agents.learning import tearsheet
from apps.agents.learning.evaluate import evaluate
from apps.agents.learning.evaluated import Evaluated
from tests.agents.domain.test_artefact import network
from tests.agents.learning.bars import terms
from tests.agents.learning.test_evaluate import MARKET, SIZES, policy


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append(tag)


@pytest.fixture(scope="module")
def found() -> Evaluated:
    return evaluate(MARKET, terms(), policy(*(network(seed, SIZES) for seed in (1, 2, 3))), seed=7)


def test_it_is_whole_and_fetches_nothing(found: Evaluated) -> None:
    page = tearsheet.render(found, {"name": "EURUSD learned v1", "Trained on": "2012 to 2014"})
    reader = Tags()
    reader.feed(page)
    assert reader.opened.count("svg") == 2
    assert reader.opened.count("table") == 2
    assert not re.search(r"https?://|src=|href=|@import|url\(", page)


def test_it_says_that_the_period_is_too_short(found: Evaluated) -> None:
    page = tearsheet.render(found, {})
    assert "too few for the gates, which need 504" in page
    assert found.spread_label in page
    assert found.data_hash in page


def test_each_strategy_and_seed_has_its_row(found: Evaluated) -> None:
    page = tearsheet.render(found, {})
    for row in (*found.rows, *found.members):
        assert f"<td>{row.name}</td>" in page


def test_names_are_no_markup(found: Evaluated) -> None:
    page = tearsheet.render(found, {"name": "<script>alert(1)</script>", "note": "<b>"})
    assert "<script>" not in page
    assert "<b></dd>" not in page


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (0.5, "+50.00%, more than doing nothing, and beat every"),
        (-0.5, "no more than doing nothing, and did not beat"),
    ],
)
def test_the_verdict_is_what_the_figures_say(found: Evaluated, made: float, said: str) -> None:
    agent = replace(found.row("agent"), net_return=made)
    assert said in tearsheet.verdict(replace(found, rows=(agent, *found.rows[1:])))
