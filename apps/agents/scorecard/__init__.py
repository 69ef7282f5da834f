"""What pages, REST and commands show of agents, their versions, evaluations and trainings."""

from apps.agents.scorecard.agents import card, cards
from apps.agents.scorecard.results import (
    evaluation,
    evaluation_view,
    scores,
    tear_sheet,
    version_view,
    versions,
)
from apps.agents.scorecard.trainings import run_view, runs, view_of
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
    "evaluation_view",
    "run_view",
    "runs",
    "scores",
    "tear_sheet",
    "version_view",
    "versions",
    "view_of",
]
