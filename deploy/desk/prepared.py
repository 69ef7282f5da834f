"""Tells whether `manage.py prepare` must run: a stamp of the code, the addresses and the replay."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from deploy.desk.layout import Layout

ADDRESSES = ("MTQ_RUN", "DATABASE_URL", "REDIS_URL", "QUESTDB_CONF", "MTQ_VENUE_URL", "MTQ_VENUE_CONTROL")


def is_current(layout: Layout, env: Mapping[str, str]) -> bool:
    stamp = _stamp(layout)
    return stamp.exists() and stamp.read_text() == fingerprint(layout, env)


def has_been(layout: Layout) -> bool:
    """Tell whether this run was ever prepared to its end."""
    return _stamp(layout).exists()


def remember(layout: Layout, env: Mapping[str, str]) -> None:
    _stamp(layout).write_text(fingerprint(layout, env))


def fingerprint(layout: Layout, env: Mapping[str, str]) -> str:
    """Hash every file of the desk's code, its lock, its addresses and the replay's manifest."""
    digest = hashlib.sha256()
    for folder in ("apps", "mtquant_site"):
        for path in sorted((layout.root / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                _add(digest, layout.root, path)
    _add(digest, layout.root, layout.root / "requirements" / "base.txt")
    manifest = layout.replay / "manifest.json"
    if manifest.exists():
        _add(digest, layout.var, manifest)
    for name in ADDRESSES:
        digest.update(f"{name}={env.get(name)}\n".encode())
    return digest.hexdigest() + "\n"


def _add(digest: "hashlib._Hash", root: Path, path: Path) -> None:
    digest.update(str(path.relative_to(root)).encode() + b"\0")
    digest.update(path.read_bytes())


def _stamp(layout: Layout) -> Path:
    return layout.var / "prepared.stamp"
