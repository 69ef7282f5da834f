"""The desk's parts in their order: which processes there are, how each is started, and when it is ready."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.desk import prepared, states
from deploy.desk.addresses import Addresses, child_environment
from deploy.desk.later import Later
from deploy.desk.layout import Layout
from deploy.desk.part import Part
from deploy.desk.processes import listens
from deploy.desk.run_file import SYNTHETIC_START, Run
from deploy.desk.servers import Postgres, QuestDB, Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    layout: Layout
    run: Run
    addresses: Addresses

    def parts(self) -> list[Part]:
        """List the parts of this start; steps that were done before are left out."""
        servers = [server_part(server, env=self._env) for server in self.addresses.servers]
        steps = self._steps(after=tuple(part.name for part in servers))
        whole = (steps[-1].name,) if steps else tuple(part.name for part in servers)
        # Only the beat's tasks need QuestDB from their first moment: the others load while it does, and the
        # venue needs no server at all, only the prices that a step may have to prepare.
        early = tuple(name for name in whole if name != QuestDB.name)
        prices = tuple(step.name for step in steps)
        later = Later(layout=self.layout, env=self._env, web=self._web).parts()
        return [*servers, *steps, *self._processes(whole, early, prices), *later]

    def _steps(self, *, after: tuple[str, ...]) -> list[Part]:
        steps: list[Part] = []

        def add(name: str, arguments: list[str], on_done: Callable[[], None]) -> None:
            behind = (steps[-1].name,) if steps else after
            steps.append(self._step(name, ["manage.py", *arguments], after=behind, on_done=on_done))

        if self.run.data and not self._replayed.exists():
            folders = [part for folder in self.run.data for part in ("--data", folder)]
            start = ["--from", self.run.start] if self.run.start else []
            add("migrate", ["migrate", "--noinput", "--verbosity=0"], lambda: None)
            zone = ["--tz", self.run.zone] if self.run.zone else []
            add("replay_prepare", ["replay_prepare", *folders, *start, *zone], self._replayed.touch)
        if steps or not prepared.is_current(self.layout, self.addresses.env):
            add("prepare", ["prepare"], lambda: prepared.remember(self.layout, self.addresses.env))
        return steps

    def _processes(
        self, ground: tuple[str, ...], early: tuple[str, ...], prices: tuple[str, ...]
    ) -> list[Part]:
        web = self._web
        control = self._env["MTQ_VENUE_CONTROL"]
        run = self.layout.run
        celery = ["-m", "celery", "-A", "mtquant_site.celery_app"]
        worker = [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"]
        beat = [*celery, "beat", "--schedule", str(run / "beat-schedule"), "--pidfile="]
        daphne = ["-m", "daphne", "-b", self._env["MTQ_WEB_HOST"], "-p", self._env["MTQ_WEB_PORT"]]
        return [
            Part(
                name="venue",
                command=self._venue,
                address=self._env["MTQ_VENUE_URL"],
                after=prices,
                ready=lambda: page_answers(f"{control}/health"),
                needed=False,
                env=self._env,
                cwd=self.layout.root,
            ),
            # It calls the venue again until that answers: both load at the same time.
            self._process("gateway", ["manage.py", "gateway"], after=early, marker=run / "gateway.ready"),
            self._process(
                "worker",
                [*worker, "--without-gossip", "--without-mingle"],
                after=early,
                marker=run / "worker.ready",
            ),
            self._process("beat", beat, after=("worker", *ground)),
            Part(
                name="web",
                command=lambda _again: self._python(*daphne, "mtquant_site.asgi:application"),
                address=web,
                after=early,
                ready=lambda: self._web_listens() and page_answers(f"{web}/healthz"),
                ready_within_s=180,
                env=self._env,
                cwd=self.layout.root,
            ),
        ]

    def _web_listens(self) -> bool:
        """Tell whether our own web process has the port: two desks that start at once choose the same."""
        port = int(self._env["MTQ_WEB_PORT"])
        pids = [state.pid for state in states.read_all(self.layout.run) if state.name == "web"]
        return any(pid is not None and listens(pid, port) for pid in pids)

    def _venue(self, again: bool) -> list[str]:
        env = self._env
        manifest = self.layout.replay / "manifest.json"
        start = json.loads(manifest.read_text())["start_at"] if manifest.exists() else SYNTHETIC_START
        return self._python(
            *("-m", "apps.brokers.simulators.mt5_mcp"),
            *("--home", str(self.layout.venue), "--replay", str(self.layout.replay)),
            *("--port", str(urlsplit(env["MTQ_VENUE_URL"]).port)),
            *("--control-port", str(urlsplit(env["MTQ_VENUE_CONTROL"]).port)),
            *("--token-file", env["MTQ_VENUE_TOKEN_FILE"]),
            *("--speed", env["MTQ_SPEED"], "--seed", str(self.run.seed), "--start", start),
            *([] if again else ["--reanchor"]),
        )

    def _process(
        self, name: str, arguments: list[str], *, after: tuple[str, ...], marker: Path | None = None
    ) -> Part:
        """Describe a process that says it is ready by a file, or is ready as soon as it lives."""
        return Part(
            name=name,
            command=lambda _again: self._python(*arguments),
            after=after,
            before_start=lambda: marker.unlink(missing_ok=True) if marker else None,
            ready=marker.exists if marker else (lambda: True),
            needed=False,
            env=self._env,
            cwd=self.layout.root,
        )

    def _step(
        self, name: str, arguments: list[str], *, after: tuple[str, ...], on_done: Callable[[], None]
    ) -> Part:
        return Part(
            name=name,
            command=lambda _again: self._python(*arguments),
            after=after,
            once=True,
            show=True,
            on_done=on_done,
            ready_within_s=3600,
            env=self._env,
            cwd=self.layout.root,
        )

    def _python(self, *arguments: str) -> list[str]:
        return [str(self.layout.python), *arguments]

    @property
    def _web(self) -> str:
        return f"http://{self.addresses.env['MTQ_WEB_HOST']}:{self.addresses.env['MTQ_WEB_PORT']}"

    @property
    def _env(self) -> dict[str, str]:
        return child_environment(self.layout, self.addresses.env)

    @property
    def _replayed(self) -> Path:
        return self.layout.var / "replay.stamp"


def server_part(server: Server, *, env: dict[str, str]) -> Part:
    """Describe an embedded server to the supervisor."""
    plain = {key: value for key, value in env.items() if not key.startswith(("LC_", "LANG"))}
    return Part(
        name=server.name,
        command=lambda _again: server.command(),
        address=server.address,
        before_start=server.initialise,
        ready=server.ready,
        ready_within_s=120,
        stop_signal=server.stop_signal,
        death_signal=server.stop_signal,  # they close their files instead of recovering next time
        stop_within_s=20,
        uid=server.run_as.uid if isinstance(server, Postgres) else None,
        env=plain | {"LC_ALL": "C"},
        cwd=Path("/"),
    )


def page_answers(url: str) -> bool:
    """Tell whether the page answers 200 within a second, past any proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError, http.client.HTTPException):
        return False
