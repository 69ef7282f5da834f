"""Pages of agents, their policies, how these were trained and judged, and what they wanted."""

from apps.agents.admin.agents import AgentAdmin, AgentEventAdmin
from apps.agents.admin.evaluations import EvaluationAdmin
from apps.agents.admin.signals import SignalAdmin
from apps.agents.admin.trainings import TrainingRunAdmin
from apps.agents.admin.versions import PolicyVersionAdmin

__all__ = [
    "AgentAdmin",
    "AgentEventAdmin",
    "EvaluationAdmin",
    "PolicyVersionAdmin",
    "SignalAdmin",
    "TrainingRunAdmin",
]
