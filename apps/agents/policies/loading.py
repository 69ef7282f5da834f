"""Loads policies: a rule from its row, a learned one from its file, each held against its hash."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np

from apps.agents.domain.artefact import Artefact
from apps.agents.domain.observation import HOLDING_COLUMNS, Observation
from apps.agents.domain.rules import RULES, Rule
from apps.agents.errors import PolicyChanged, PolicyFault
from apps.agents.models import PolicyVersion
from apps.agents.policies import files
from apps.agents.policies.publishing import content_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePolicy:
    """A loaded rule. `act` returns a target in [-1, 1]."""

    rule: Rule
    parameters: dict[str, float]

    def act(self, observation: Observation) -> float:
        """Raise PolicyFault when the rule fails, or sees a number that is not finite."""
        check_finite(observation)
        try:
            return self.rule(observation, self.parameters)
        except (LookupError, ArithmeticError, TypeError, ValueError) as error:
            raise PolicyFault(f"{type(error).__name__}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LearnedPolicy:
    """A loaded artefact: its bytes were what its hash says."""

    artefact: Artefact

    def check(self, observation: Observation) -> None:
        """Raise PolicyFault when it was not trained to see this, or the observation is not finite."""
        if observation.columns != (*self.artefact.columns, *HOLDING_COLUMNS):
            raise PolicyFault(f"it was trained on {self.artefact.feature_set}, and sees other columns")
        check_finite(observation)


Policy = RulePolicy | LearnedPolicy


def check_finite(observation: Observation) -> None:
    """Raise PolicyFault that names the columns without a finite number."""
    if np.isfinite(observation.values).all():
        return
    blind = [c for c, v in zip(observation.columns, observation.values, strict=True) if not np.isfinite(v)]
    raise PolicyFault(f"not a finite number in {', '.join(blind)}")


def load(version: PolicyVersion) -> Policy:
    """Return the policy of a version. Raise PolicyChanged when it is not what was published, or gone."""
    if version.kind == "learned":
        name = version.artefact.name or ""
        changed_at, size = files.stamp(name)
        return _load_file(name, version.content_hash, changed_at, size)
    parameters = json.dumps(version.parameters, sort_keys=True)
    return _load_rule(version.rule, parameters, version.feature_set, version.content_hash)


@lru_cache(maxsize=256)
def _load_file(name: str, address: str, changed_at: datetime, size: int) -> LearnedPolicy:
    # The stamp is part of the key: a file that was touched is read and held against its hash again.
    del changed_at, size
    return LearnedPolicy(artefact=files.fetch(name, address))


@lru_cache(maxsize=256)
def _load_rule(rule: str, parameters_json: str, feature_set: str, expected: str) -> RulePolicy:
    parameters = json.loads(parameters_json)
    if content_hash(rule=rule, parameters=parameters, feature_set=feature_set) != expected:
        raise PolicyChanged(
            f"policy {rule} does not match its hash {expected[:12]}: it was changed after it was made"
        )
    if rule not in RULES:
        raise PolicyChanged(f"there is no rule named {rule}")
    return RulePolicy(rule=RULES[rule], parameters=parameters)
