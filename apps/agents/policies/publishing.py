"""Puts a policy into the registry: one row for each content, whoever publishes it and how often."""

import hashlib
import json
from typing import Any

from apps.agents.models import PolicyVersion, TrainingRun


def content_hash(*, rule: str, parameters: dict[str, Any], feature_set: str) -> str:
    """Return the address of a rule with its parameters and feature set."""
    content = json.dumps({"rule": rule, "parameters": parameters, "feature_set": feature_set}, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def publish(*, name: str, rule: str, parameters: dict[str, float], feature_set: str) -> PolicyVersion:
    """Store a rule as a PolicyVersion, or return the one that has this content already."""
    return _once(
        name=name,
        kind="rule",
        rule=rule,
        parameters=parameters,
        feature_set=feature_set,
        content_hash=content_hash(rule=rule, parameters=parameters, feature_set=feature_set),
    )


def publish_learned(
    *,
    name: str,
    artefact: str,
    address: str,
    feature_set: str,
    run: TrainingRun | None,
    summary: dict[str, Any],
) -> PolicyVersion:
    """Store a trained policy, whose file is in the storage already, as a PolicyVersion, once per content."""
    return _once(
        name=name,
        kind="learned",
        feature_set=feature_set,
        content_hash=address,
        artefact=artefact,
        run=run,
        summary=summary,
    )


def _once(*, content_hash: str, name: str, **facts: Any) -> PolicyVersion:
    existing = PolicyVersion.objects.filter(content_hash=content_hash).first()
    if existing:
        return existing
    number = PolicyVersion.objects.filter(name=name).count() + 1
    return PolicyVersion.objects.create(name=name, number=number, content_hash=content_hash, **facts)
