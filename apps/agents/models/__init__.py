"""Rows of what decides: agents, versions of their policies, trainings, and what agents wanted."""

from apps.agents.models.agents import Agent, AgentEvent, Signal
from apps.agents.models.policies import Evaluation, PolicyVersion
from apps.agents.models.training import SeedWeights, TrainingRun

__all__ = ["Agent", "AgentEvent", "Evaluation", "PolicyVersion", "SeedWeights", "Signal", "TrainingRun"]
