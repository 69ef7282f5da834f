"""Judges a policy on a period and puts the result into the form in which it is kept. Numpy only."""

from dataclasses import asdict
from typing import Any

from apps.agents.domain.artefact import Artefact
from apps.agents.learning import tearsheet
from apps.agents.learning.evaluate import evaluate
from apps.agents.learning.evaluated import Evaluated
from apps.agents.learning.market import Terms, TrainingMarket
from apps.agents.training import Judged
from apps.agents.training.material import Periods

SEED = 20_260_101  # draws the random baseline: the same for all, so that tables can be compared
_MEMBER = ("seed", "net_return", "sharpe", "max_drawdown", "trades")


def judge(
    market: TrainingMarket,
    terms: Terms,
    artefact: Artefact,
    *,
    periods: Periods,
    note: str,
    agent: str,
    seed: int,
) -> Judged:
    """Evaluate beside the baselines, after all costs; `seed` draws the random ones."""
    found = evaluate(market, terms, artefact, seed=seed)
    said = f"{note}. {found.note}" if note else found.note
    shown = found.as_dict()
    return Judged(
        eval_from=periods.eval_from,
        eval_to=periods.eval_to,
        data_hash=found.data_hash,
        cost_version=found.cost_version,
        spread_label=found.spread_label,
        rows=[_without_seed(asdict(row)) for row in found.rows],
        equity=shown["equity"],
        drawdown=shown["drawdown"],
        members=[{name: asdict(row)[name] for name in _MEMBER} for row in found.members],
        tear_sheet=tearsheet.render(
            found, facts_of(found, artefact, periods=periods, agent=agent, note=said)
        ),
        note=said,
    )


def facts_of(
    found: Evaluated, artefact: Artefact, *, periods: Periods, agent: str, note: str
) -> dict[str, Any]:
    """Return what the tear sheet states beside the figures."""
    told: dict[str, Any] = artefact.config.get("training", {})
    return {
        "agent": agent,
        "instrument": found.instrument,
        "timeframe": found.timeframe,
        "seeds": len(artefact.members),
        "steps": told.get("steps"),
        "feature set": artefact.feature_set,
        "trained on": f"{periods.train_from:%Y-%m-%d %H:%M} to {periods.train_to:%Y-%m-%d %H:%M} UTC",
        "evaluated on": f"{periods.eval_from:%Y-%m-%d %H:%M} to {periods.eval_to:%Y-%m-%d %H:%M} UTC",
        "costs": found.cost_version,
        "spreads": found.spread_label,
        "data hash": found.data_hash,
        "note": note,
    }


def _without_seed(row: dict[str, Any]) -> dict[str, Any]:
    row.pop("seed")
    return row
