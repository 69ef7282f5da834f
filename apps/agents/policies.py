"""Fetches policies by version and refuses one that is not what its hash says. Infers without torch."""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from apps.agents.domain.observation import Observation
from apps.agents.domain.rules import RULES, Rule
from apps.agents.errors import PolicyChanged, PolicyFault
from apps.agents.models import PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A loaded version. `act` returns a target in [-1, 1]."""

    rule: Rule
    parameters: dict[str, float]

    def act(self, observation: Observation) -> float:
        """Raise PolicyFault when the rule fails, or sees a number that is not finite."""
        if not np.isfinite(observation.values).all():
            blind = [
                c for c, v in zip(observation.columns, observation.values, strict=True) if not np.isfinite(v)
            ]
            raise PolicyFault(f"not a finite number in {', '.join(blind)}")
        try:
            return self.rule(observation, self.parameters)
        except (LookupError, ArithmeticError, TypeError, ValueError) as error:
            raise PolicyFault(f"{type(error).__name__}: {error}") from error


def content_hash(*, rule: str, parameters: dict[str, Any], feature_set: str) -> str:
    """Return the address of a rule with its parameters and feature set."""
    content = json.dumps({"rule": rule, "parameters": parameters, "feature_set": feature_set}, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def load(version: PolicyVersion) -> Policy:
    """Return the policy of a version. Raise PolicyChanged when the row was altered after it was made."""
    parameters = json.dumps(version.parameters, sort_keys=True)
    return _load(version.rule, parameters, version.feature_set, version.content_hash)


@lru_cache(maxsize=256)
def _load(rule: str, parameters_json: str, feature_set: str, expected: str) -> Policy:
    parameters = json.loads(parameters_json)
    if content_hash(rule=rule, parameters=parameters, feature_set=feature_set) != expected:
        raise PolicyChanged(
            f"policy {rule} does not match its hash {expected[:12]}: it was changed after it was made"
        )
    if rule not in RULES:
        raise PolicyChanged(f"there is no rule named {rule}")
    return Policy(rule=RULES[rule], parameters=parameters)


def publish(*, name: str, rule: str, parameters: dict[str, float], feature_set: str) -> PolicyVersion:
    """Store a rule as a PolicyVersion, or return the one that has this content already."""
    address = content_hash(rule=rule, parameters=parameters, feature_set=feature_set)
    existing = PolicyVersion.objects.filter(content_hash=address).first()
    if existing:
        return existing
    number = PolicyVersion.objects.filter(name=name).count() + 1
    return PolicyVersion.objects.create(
        name=name,
        number=number,
        kind="rule",
        rule=rule,
        parameters=parameters,
        feature_set=feature_set,
        content_hash=address,
    )
