"""Fills .venv from the hash-pinned locks: with uv, or with pip where uv cannot be had."""

import hashlib
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.desk.artifacts import default_certificates
from deploy.desk.layout import Layout, lock
from deploy.desk.refusal import Refusal

Say = Callable[[str], None]
NO_NETWORK = ("failed to lookup address", "connection refused", "connect error", "dns error")


def install(layout: Layout, names: tuple[str, ...], say: Say) -> None:
    """Bring .venv to the named locks (`base`, `dev`). Raises Refusal in one line when it cannot."""
    missing = [name for name in names if not is_current(layout, name)]
    if not missing:
        return
    if layout.venv.stat().st_uid != os.geteuid() and not os.access(layout.venv / "bin", os.W_OK):
        raise Refusal(f"{layout.venv} belongs to another user and lacks packages: remove it and run again")
    held = lock(layout.cache / "install.lock", wait=True)
    try:
        for name in missing:
            if not is_current(layout, name):
                _install(layout, name, say)
    finally:
        if held:
            held.close()
    importlib.invalidate_caches()


def install_apart(layout: Layout, name: str, say: Say) -> Path:
    """Bring an environment of its own under var/cache to a lock, and return its Python. Raises Refusal.

    For what the desk itself must never come to need.
    """
    home = layout.cache / name
    python, stamp = home / "bin" / "python", home / f"mtquant-{name}.stamp"
    if stamp.exists() and stamp.read_text() == fingerprint(layout, name):
        return python
    held = lock(layout.cache / "install.lock", wait=True)
    try:
        shutil.rmtree(home, ignore_errors=True)
        environ = _environment(layout)
        trouble = _try([str(layout.python), "-m", "venv", "--without-pip", str(home)], environ)
        if trouble is not None:
            raise Refusal(f"cannot make {home}: {trouble}")
        _fill(layout, name, python, environ, say)
        stamp.write_text(fingerprint(layout, name))
    finally:
        if held:
            held.close()
    return python


def is_current(layout: Layout, name: str) -> bool:
    stamp = _stamp(layout, name)
    return stamp.exists() and stamp.read_text() == fingerprint(layout, name)


def fingerprint(layout: Layout, name: str) -> str:
    text = (layout.root / "requirements" / f"{name}.txt").read_bytes()
    return hashlib.sha256(text + sys.version.encode()).hexdigest() + "\n"


def _stamp(layout: Layout, name: str) -> Path:
    return layout.venv / f"mtquant-{name}.stamp"


def _install(layout: Layout, name: str, say: Say) -> None:
    _fill(layout, name, layout.python, _environment(layout), say)
    _stamp(layout, name).write_text(fingerprint(layout, name))


def _fill(layout: Layout, name: str, python: Path, environ: dict[str, str], say: Say) -> None:
    """Install a lock for a Python. Raises Refusal in one line when it cannot."""
    requirements = layout.root / "requirements" / f"{name}.txt"
    uv = _uv(layout, environ, say)
    before = ""
    locked = ["--require-hashes", "-r", str(requirements)]
    if uv is not None:
        trouble = _try([str(uv), "pip", "install", "--python", str(python), *locked], environ)
        if trouble is not None:
            _refuse_what_pip_would_repeat(trouble)
            say(f"uv could not install {requirements.name} ({trouble}): trying pip")
            before = f"{trouble}; pip: "
    if uv is None or trouble is not None:
        into = [] if python == layout.python else ["--python", str(python)]
        trouble = _try([*_pip(layout, environ), *into, "install", "-q", *locked], environ)
    if trouble is not None:
        _refuse_what_pip_would_repeat(trouble)
        raise Refusal(f"cannot install requirements/{requirements.name}: {before}{trouble}")


def _uv(layout: Layout, environ: dict[str, str], say: Say) -> Path | None:
    """Give the pinned uv inside .venv, installing it where absent."""
    uv = layout.venv / "bin" / "uv"
    if is_current(layout, "uv") and uv.exists():
        return uv
    requirements = layout.root / "requirements" / "uv.txt"
    trouble = _try(
        [*_pip(layout, environ), "install", "-q", "--require-hashes", "-r", str(requirements)], environ
    )
    if trouble is None:
        _stamp(layout, "uv").write_text(fingerprint(layout, "uv"))
        return uv
    _refuse_what_pip_would_repeat(trouble)
    say(f"uv cannot be had ({trouble}): pip installs instead, which takes longer")
    return None


def _pip(layout: Layout, environ: dict[str, str]) -> list[str]:
    pip = [str(layout.python), "-m", "pip"]
    if _try([*pip, "--version"], environ) is not None:  # .venv was interrupted while it was made
        _try([str(layout.python), "-m", "ensurepip"], environ)
    return pip


def _environment(layout: Layout) -> dict[str, str]:
    """Keep caches under var/ and trust the machine's own certificates."""
    environ = dict(os.environ)
    environ.pop("PYTHONPATH", None)
    default_certificates(environ)
    environ.setdefault("UV_CACHE_DIR", str(layout.cache / "uv"))
    environ.setdefault("PIP_CACHE_DIR", str(layout.cache / "pip"))
    environ.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    environ.setdefault("UV_SYSTEM_CERTS", "1")
    environ.setdefault("UV_NO_PROGRESS", "1")
    for pips, uvs in (("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), ("PIP_FIND_LINKS", "UV_FIND_LINKS")):
        if pips in environ:
            environ.setdefault(uvs, environ[pips])
    return environ


def _try(command: list[str], environ: dict[str, str]) -> str | None:
    """Run a command; None when it worked, else the line of its output that says why not."""
    result = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return None
    lines = [line.strip(" ×╰─▶├│") for line in (result.stdout + result.stderr).splitlines() if line.strip()]
    # The cause of a network that is away stands below the line that only says so.
    telling = ("no space left", "hash mismatch", "do not match the hashes", *NO_NETWORK, "error:", "failed")
    for word in telling:
        for line in lines:
            if word in line.lower():
                return line
    return lines[-1] if lines else f"exit code {result.returncode}"


def _refuse_what_pip_would_repeat(trouble: str) -> None:
    """Stop at a full disk and at a wrong hash: neither is tried again another way."""
    low = trouble.lower()
    if "no space left" in low:
        raise Refusal(f"no space left to install the packages: {trouble}")
    if "hash" in low and ("mismatch" in low or "match" in low):
        raise Refusal(f"hash mismatch, nothing was installed: {trouble}")
