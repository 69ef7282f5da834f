"""`check` and `test`: what must hold before a change is merged."""

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.desk import addresses, webapp
from deploy.desk.artifacts import default_certificates
from deploy.desk.installer import install, install_apart
from deploy.desk.layout import Layout
from deploy.desk.refusal import Refusal
from deploy.desk.training_lock import install_training
from deploy.desk.voice import Voice

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
Tools = tuple[tuple[str, tuple[str, ...]], ...]
TYPES: Tools = (("types", ("-m", "mypy", ".")),)
TOOLS: Tools = (
    ("format", ("-m", "ruff", "format", "--check", ".")),
    ("lint", ("-m", "ruff", "check", ".")),
    ("imports", ("{bin}/lint-imports",)),
    ("migrations", ("-W", "ignore", "manage.py", "makemigrations", "--check", "--dry-run")),
    ("schema", ("-W", "ignore", "manage.py", "openapi", "--check")),
)
# Scripts of frontend/package.json, run in the copy under var/.
APP_CHECKS = (("app", "check"), ("app types", "types:check"))


def check(layout: Layout) -> int:
    """Run the static checks, a line each with its time; the output of a failed one follows its line."""
    voice = _ready(layout)
    failed = _check(layout, voice, TOOLS + TYPES)
    with webapp.alone(layout):
        return failed | _check_app(layout, voice)


def test(layout: Layout, words: Sequence[str]) -> int:
    """Run the checks, the web app's tests, then pytest on servers of its own; `words` go to pytest."""
    voice = _ready(layout)
    install_training(layout, voice)  # the truth tests train
    failed = _check(layout, voice, TOOLS)
    with ThreadPoolExecutor(1) as beside:  # types take a core for a minute, and the web app hardly two
        types = beside.submit(_check, layout, voice, TYPES)
        environ = _environment(layout) | {"MTQ_COMPARISONS": _comparisons(layout, voice)}
        with webapp.alone(layout):
            failed |= _check_app(layout, voice) | _test_app(layout, environ, voice)
        failed |= types.result()
    marks = [] if _pages_may_run(layout, environ, voice) else ["-m", "not pages"]
    began = time.monotonic()
    # Tests name their settings themselves, once they know the addresses of their own servers.
    del environ["DJANGO_SETTINGS_MODULE"]
    command = [str(layout.python), "-m", "pytest", "--cov", "--cov-report=", *marks, *words]
    tests = subprocess.run(command, cwd=layout.root, env=environ, check=False).returncode
    voice(f"tests {'passed' if tests == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
    print("coverage of domain/:", flush=True)
    report = [str(layout.python), "-m", "coverage", "report", "--include=apps/*/domain/*", "--skip-empty"]
    subprocess.run(report, cwd=layout.root, env=environ, check=False)
    voice("test: all is well" if not (failed or tests) else "test: FAILED")
    return 1 if failed or tests else 0


def _ready(layout: Layout) -> Voice:
    layout.make()
    addresses.settle_home(layout)
    default_certificates(os.environ)
    voice = Voice()
    install(layout, ("base", "dev"), voice)
    voice("environment is ready")
    return voice


def _comparisons(layout: Layout, voice: Voice) -> str:
    """Give the Python that holds the libraries which the mathematics of risk is held against."""
    began = time.monotonic()
    python = install_apart(layout, "comparisons", voice)
    voice(f"libraries to compare risk with are ready ({time.monotonic() - began:.1f} s)")
    return str(python)


def _check(layout: Layout, voice: Voice, tools: Tools) -> int:
    environ = _environment(layout)
    failed = 0
    for name, arguments in tools:
        began = time.monotonic()
        words = [argument.format(bin=layout.venv / "bin") for argument in arguments]
        result = subprocess.run(
            [str(layout.python), *words],
            cwd=layout.root,
            env=environ,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        good = result.returncode == 0
        voice(f"check {name:<11} {'ok' if good else 'FAILED'} ({time.monotonic() - began:.1f} s)")
        if not good:
            failed = 1
            print(result.stdout.rstrip(), flush=True)
    return failed


def _check_app(layout: Layout, voice: Voice) -> int:
    """Check the web app where there is one: format, lint, layers, types, and drift from the API."""
    if not webapp.has_sources(layout):
        return 0
    try:
        webapp.bring_modules(layout, _quiet)
    except Refusal as refusal:
        voice(f"check app         FAILED: {refusal}")
        return 1
    return max(_run_app(layout, voice, f"check {name:<11}", script) for name, script in APP_CHECKS)


def _test_app(layout: Layout, environ: dict[str, str], voice: Voice) -> int:
    """Run the web app's own tests and build it; page tests are served what MTQ_APP_DIR names."""
    if not webapp.has_sources(layout):
        return 0
    failed = _run_app(layout, voice, "app tests", "test")
    began = time.monotonic()
    try:
        environ["MTQ_APP_DIR"] = str(webapp.build(layout, _quiet))
    except Refusal as refusal:
        voice(f"app build FAILED: {refusal}")
        return 1
    voice(f"app build ok ({time.monotonic() - began:.1f} s)")
    return failed | _run_app(layout, voice, "app budget", "budget")


def _run_app(layout: Layout, voice: Voice, title: str, script: str) -> int:
    began = time.monotonic()
    trouble = webapp.script_trouble(layout, script)
    voice(f"{title} {'FAILED' if trouble else 'ok'} ({time.monotonic() - began:.1f} s)")
    if trouble:
        print(trouble, flush=True)
    return 1 if trouble else 0


def _quiet(_line: str) -> None:
    return None


def _environment(layout: Layout) -> dict[str, str]:
    """Give the tools' environment: nothing of a desk that may run here shines through."""
    environ = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("MTQ_", "PG", "PYTEST_")) and key not in addresses.EMBEDDED
    }
    return environ | {"PYTHONPATH": str(layout.root), "DJANGO_SETTINGS_MODULE": "mtquant_site.settings.test"}


def _pages_may_run(layout: Layout, environ: dict[str, str], voice: Voice) -> bool:
    """Find Chromium, installing Debian's where this user may; the path goes to the tests as MTQ_CHROMIUM."""
    if not any("mark.pages" in path.read_text() for path in (layout.root / "tests").rglob("test_*.py")):
        return False
    found = _chromium()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        voice("installing Debian's chromium for the page tests")
        for words in (["update", "-q"], ["install", "-yq", "--no-install-recommends", "chromium"]):
            quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", *words], env=quiet, capture_output=True, check=False)
        found = _chromium()
    if found is None:
        voice("page tests skipped: no chromium here (apt install chromium)")
        return False
    environ["MTQ_CHROMIUM"] = str(found)
    return True


def _chromium() -> Path | None:
    paths = (shutil.which(name) for name in CHROMIUMS)
    return next((Path(path) for path in paths if path), None)
