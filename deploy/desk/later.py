"""What joins a desk that already trades: training packages, trainer, first agents, web app."""

import signal
from dataclasses import dataclass

from deploy.desk import webapp
from deploy.desk.installer import is_current
from deploy.desk.layout import Layout
from deploy.desk.part import Part

LOCK, TRAINER, AGENTS, WEB_APP = "training-lock", "trainer", "demo-agents", "frontend"
# Downloads and builds yield to the desk, which trades meanwhile; training yields too, but less.
STEP_NICENESS, TRAINER_NICENESS = 10, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """The parts that are begun once the desk is up. Steps that were done before are left out."""

    layout: Layout
    env: dict[str, str]
    web: str  # the desk's address

    def parts(self) -> list[Part]:
        steps: list[Part] = []
        if not is_current(self.layout, "training"):
            steps.append(
                self._step(LOCK, "deploy.desk.training_lock", done_says="training packages are installed")
            )
        behind = tuple(step.name for step in steps)
        parts = [*steps, self._trainer(behind)]
        if not self.layout.demo_stamp.exists():
            parts.append(self._demo_agents())
        if webapp.has_sources(self.layout) and not webapp.is_published(self.layout):
            said = f"web app is ready at {self.web}/trade"
            parts.append(self._step(WEB_APP, "deploy.desk.webapp", done_says=said))
        return parts

    def _step(self, name: str, module: str, *, done_says: str) -> Part:
        return Part(
            name=name,
            command=lambda _again: [str(self.layout.python), "-P", "-m", module],
            once=True,
            show=True,
            needed=False,
            later=True,
            first_backoff_s=10,
            longest_backoff_s=300,
            niceness=STEP_NICENESS,
            done_says=done_says,
            env=self.env,
            cwd=self.layout.root,
        )

    def _trainer(self, behind: tuple[str, ...]) -> Part:
        """Describe the worker that runs one training at a time, each in a process of its own."""
        ready = self.layout.run / "trainer.ready"
        worker = ["-m", "celery", "-A", "mtquant_site.celery_app", "worker", "-Q", "training"]
        alone = ["--concurrency", "1", "-n", "trainer@%h", "--without-gossip", "--without-mingle"]
        return Part(
            name=TRAINER,
            command=lambda _again: [str(self.layout.python), *worker, *alone, "--loglevel", "INFO"],
            after=behind,
            before_start=lambda: ready.unlink(missing_ok=True),
            ready=ready.exists,
            needed=False,
            later=True,
            niceness=TRAINER_NICENESS,
            stop_signal=signal.SIGQUIT,  # SIGTERM would wait for the end of a training
            env=self.env | {"MTQ_READY_FILE": str(ready)},
            cwd=self.layout.root,
        )

    def _demo_agents(self) -> Part:
        """Describe the step that makes them: they wait in the trainer's queue until it is there.

        It comes at every start, since a training that a stop has cut off is begun again.
        """
        return Part(
            name=AGENTS,
            command=lambda _again: [
                str(self.layout.python),
                str(self.layout.root / "manage.py"),
                "demo_agents",
            ],
            once=True,
            show=True,
            needed=False,
            later=True,
            first_backoff_s=5,
            longest_backoff_s=300,
            niceness=STEP_NICENESS,
            done_says="demonstration agents are in place",
            env=self.env,
            cwd=self.layout.root,
        )
