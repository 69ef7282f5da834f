"""What pages, REST and commands show of agents, their versions, evaluations and trainings."""

from apps.agents.scorecard.agents import card, cards
from apps.agents.scorecard.results import evaluation, tear_sheet, version_view, versions
from apps.agents.scorecard.trainings import run_view, runs
from apps.agents.scorecard.views import (
    Against,
    AgentCard,
    EvaluationView,
    Progress,
    RunView,
    Score,
    SeedScore,
    VersionView,
)

__all__ = [
    "Against",
    "AgentCard",
    "EvaluationView",
    "Progress",
    "RunView",
    "Score",
    "SeedScore",
    "VersionView",
    "card",
    "cards",
    "evaluation",
    "run_view",
    "runs",
    "tear_sheet",
    "version_view",
    "versions",
]
