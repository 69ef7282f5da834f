"""Trains what a claim asks for, judges it on the later period, and hands the result to the registry.

Only `manage.py train --run ID` and `--here` come here: this is where the learning libraries are loaded.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from apps.agents import training
from apps.agents.errors import Cancelled, Diverged, NotAllowed
from apps.agents.learning import train as learning
from apps.agents.learning.config import Progress, TrainConfig, TrainedSeed
from apps.agents.learning.export import artefact_of
from apps.agents.management import verdict
from apps.agents.management.pulse import Pulse, thinned
from apps.agents.training import material
from apps.agents.training.claims import Claim, KeptSeed
from apps.agents.training.material import Material

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the run's configuration asks for, with the defaults filled in."""

    config: TrainConfig
    seeds: tuple[int, ...]
    told_terms: Mapping[str, str] | None


def teach(claim: Claim) -> int:
    """Train, judge and publish; return the version's id. Raise AgentError or MarketDataError."""
    plan = plan_of(claim.config)
    with Pulse(claim, seeds=len(plan.seeds), steps=plan.config.steps) as pulse:
        found = _prepare(claim, plan)
        trained = _train_all(claim, plan, found, pulse)
        pulse.check()
        pulse.at("evaluating")
        artefact = artefact_of(found.train, plan.config, trained, facts=_facts(claim, found))
        judged = verdict.judge(
            found.test, found.terms, artefact, periods=found.periods, note=claim.note, agent=claim.agent,
            seed=verdict.SEED,
        )  # fmt: skip
        pulse.check()
        pulse.at("done")
        progress = pulse.progress()
    return training.finish(
        claim,
        artefact=artefact,
        judged=judged,
        summary=_summary(plan, found, judged) | _mixed(trained),
        progress=progress | {"left_s": 0},
    )


def plan_of(config: Mapping[str, Any]) -> Plan:
    """Read a run's configuration. Raise NotAllowed for a value that is none."""
    known = {field.name for field in fields(TrainConfig)}
    given = {name: value for name, value in config.items() if name in known}
    if "hidden" in given:
        given["hidden"] = tuple(given["hidden"])
    try:
        first, count = int(config.get("first_seed", 0)), int(config["seeds"])
        made = TrainConfig(**given)
    except (TypeError, ValueError) as error:
        raise NotAllowed(f"the configuration cannot be read: {error}") from error
    return Plan(config=made, seeds=tuple(range(first, first + count)), told_terms=config.get("terms"))


def _prepare(claim: Claim, plan: Plan) -> Material:
    """Fetch the data, and keep on the run what was chosen: whoever repeats it gets the same."""
    found = material.gather(
        claim,
        feature_set=plan.config.feature_set,
        holding=round(1 / (1 - plan.config.gamma)) if plan.config.gamma < 1 else 0,
        told_terms=plan.told_terms,
    )
    training.chose(
        claim,
        train_from=found.periods.train_from,
        train_to=found.periods.train_to,
        eval_from=found.periods.eval_from,
        eval_to=found.periods.eval_to,
        data_hash=found.train.data_hash,
        config={**claim.config, "terms": material.terms_as_json(found.terms)},
    )
    return found


def _train_all(claim: Claim, plan: Plan, found: Material, pulse: Pulse) -> list[TrainedSeed]:
    kept = training.seeds_kept(claim, data_hash=found.train.data_hash)
    trained = []
    for index, seed in enumerate(plan.seeds):
        pulse.check()
        pulse.seed(index)
        if seed in kept:
            log.info("training %s: seed %s is taken over from an earlier run", claim.run_id, seed)
            done = _taken_over(kept[seed], plan.config)
        else:
            done = _train(claim, plan, found, pulse, seed)
        _keep(claim, plan, found, done)
        training.chose(claim, fingerprint=done.fingerprint)
        pulse.seed_done(index, [list(point) for point in done.curve])
        trained.append(done)
    return trained


def _train(claim: Claim, plan: Plan, found: Material, pulse: Pulse, seed: int) -> TrainedSeed:
    def tell(now: Progress) -> bool:
        return pulse.step(
            step=now.step, steps=now.steps, mean_reward=now.mean_reward, elapsed_s=now.elapsed_s
        )

    try:
        return learning.train_seed(found.train, found.terms, plan.config, seed=seed, on_progress=tell)
    except Cancelled:
        pulse.check()  # it may have stopped because the claim is lost
        raise
    except Diverged as error:
        good = error.last_good
        if isinstance(good, TrainedSeed):
            _keep(claim, plan, found, good, complete=False)
        raise


def _keep(claim: Claim, plan: Plan, found: Material, done: TrainedSeed, *, complete: bool = True) -> None:
    training.keep_seed(
        claim,
        KeptSeed(
            seed=done.seed,
            artefact=artefact_of(found.train, plan.config, [done], facts={"seed_of_run": claim.run_id}),
            curve=thinned([list(point) for point in done.curve]),
            fingerprint=done.fingerprint,
            complete=complete,
        ),
    )


def _taken_over(kept: KeptSeed, config: TrainConfig) -> TrainedSeed:
    return TrainedSeed(
        seed=kept.seed,
        layers=kept.artefact.members[0].layers,
        curve=tuple((int(step), float(reward)) for step, reward in kept.curve),
        fingerprint={name: str(value) for name, value in kept.fingerprint.items()},
        steps=config.steps,
    )


def _facts(claim: Claim, found: Material) -> dict[str, Any]:
    """Return what tells this artefact from an equal one of another agent or period."""
    return {
        "agent": claim.agent,
        "train_from": found.periods.train_from.isoformat(),
        "train_to": found.periods.train_to.isoformat(),
        "cost_version": found.terms.cost_version,
    }


def _mixed(trained: list[TrainedSeed]) -> dict[str, Any]:
    """Say when the seeds were made under different builds: then nobody can repeat them bit by bit."""
    made = {tuple(sorted(done.fingerprint.items())) for done in trained}
    return {"not_bit_equal": True} if len(made) > 1 else {}


def _summary(plan: Plan, found: Material, judged: training.Judged) -> dict[str, Any]:
    agent = next(row for row in judged.rows if row["name"] == "agent")
    return {
        "seeds": list(plan.seeds),
        "steps": plan.config.steps,
        "train_from": found.periods.train_from.isoformat(),
        "train_to": found.periods.train_to.isoformat(),
        "eval_from": judged.eval_from.isoformat(),
        "eval_to": judged.eval_to.isoformat(),
        "bars": len(found.train),
        "net_return": agent["net_return"],
        "sharpe": agent["sharpe"],
        "max_drawdown": agent["max_drawdown"],
    }
