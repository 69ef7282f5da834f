"""Keeps a training's claim alive and its progress visible, whatever the learning loop is busy with."""

import logging
import threading
from typing import Any, Self

from django.db import DatabaseError, connection

from apps.agents import training
from apps.agents.errors import Cancelled, LostClaim
from apps.agents.training.claims import BEAT_EVERY_S, Claim

log = logging.getLogger(__name__)

POINTS = 200  # of a seed's curve: more than a picture shows


class Pulse:
    """Beats from a thread of its own. `go_on` is False once it was cancelled, or the claim is lost."""

    def __init__(self, claim: Claim, *, seeds: int, steps: int) -> None:
        self._claim = claim
        self._lock = threading.Lock()
        self._said: dict[str, Any] = {
            "stage": "loading", "seed_index": 0, "seeds": seeds, "step": 0, "steps": steps, "curve": [],
            "left_s": None,
        }  # fmt: skip
        self._why_not: Exception | None = None
        self.news = threading.Event()  # set with the first reason not to go on
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def go_on(self) -> bool:
        return self._why_not is None

    def check(self) -> None:
        """Raise Cancelled or LostClaim when there is no reason to go on."""
        if self._why_not is not None:
            raise self._why_not

    def progress(self) -> dict[str, Any]:
        with self._lock:
            return dict(self._said)

    def at(self, stage: str) -> None:
        self._say(stage=stage)

    def seed(self, index: int) -> None:
        """Begin a seed."""
        with self._lock:
            self._said |= {"stage": "training", "seed_index": index, "step": 0}
            self._said["curve"] = [*self._said["curve"][:index], []]

    def seed_done(self, index: int, curve: list[list[float]]) -> None:
        """Show a seed's whole curve, as of one that was taken over from an earlier run."""
        with self._lock:
            self._said["curve"] = [*self._said["curve"][:index], thinned(curve)]
            self._said |= {"seed_index": index, "step": self._said["steps"]}

    def step(self, *, step: int, steps: int, mean_reward: float, elapsed_s: float) -> bool:
        """Note where the present seed stands; return whether to go on."""
        with self._lock:
            said = self._said
            said["curve"][-1].append([step, round(mean_reward, 6)])
            said["curve"][-1] = thinned(said["curve"][-1])
            left = steps - step + (said["seeds"] - said["seed_index"] - 1) * steps
            said |= {"step": step, "steps": steps, "left_s": round(elapsed_s / step * left, 1)}
        return self.go_on

    def _say(self, **facts: Any) -> None:
        with self._lock:
            self._said |= facts

    def _run(self) -> None:
        try:
            while self.go_on:
                self._beat()
                if self._over.wait(BEAT_EVERY_S):
                    return
        finally:
            connection.close()  # this thread's own

    def _beat(self) -> None:
        try:
            if not training.beat(
                run_id=self._claim.run_id, owner=self._claim.owner, progress=self.progress()
            ):
                self._stop(Cancelled(f"training {self._claim.run_id} was cancelled"))
        except LostClaim as error:
            self._stop(error)
        except DatabaseError as error:
            # The claim stands until the heartbeat is too old; then whoever sweeps ends the run.
            log.warning("training %s cannot tell that it lives: %s", self._claim.run_id, error)
            connection.close()

    def _stop(self, why: Exception) -> None:
        self._why_not = why
        self.news.set()


def thinned(curve: list[list[float]]) -> list[list[float]]:
    """Return at most POINTS points of a curve, the last one among them."""
    if len(curve) <= POINTS:
        return curve
    every = -(-len(curve) // (POINTS // 2))
    return [*curve[::-1][::every]][::-1]
