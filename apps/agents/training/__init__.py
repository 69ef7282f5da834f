"""Trainings from the wish to the deployed version. Learns nothing itself: `manage.py train --run ID` does.

    queue -> claim -> beat ... keep_seed ... -> finish | fail | cancelled | interrupted -> restart

A claim is a conditional update that names an owner; everything the owner writes later names it again, so that
whoever lost the claim can write nothing more (LostClaim).
"""

from apps.agents.training.claims import (
    Claim,
    KeptSeed,
    beat,
    cancelled,
    chose,
    claim,
    fail,
    give_up,
    keep_seed,
    seeds_kept,
    sweep,
)
from apps.agents.training.finishing import Judged, finish, keep_evaluation
from apps.agents.training.process import DESK, run_next
from apps.agents.training.queueing import cancel, queue, restart

__all__ = [
    "DESK",
    "Claim",
    "Judged",
    "KeptSeed",
    "beat",
    "cancel",
    "cancelled",
    "chose",
    "claim",
    "fail",
    "finish",
    "give_up",
    "keep_evaluation",
    "keep_seed",
    "queue",
    "restart",
    "run_next",
    "seeds_kept",
    "sweep",
]
