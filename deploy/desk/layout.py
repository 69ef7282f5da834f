"""Where the desk keeps its things on this machine, and who may touch them."""

import errno
import fcntl
import json
import os
import pwd
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from deploy.desk.refusal import Refusal
from deploy.desk.servers import Postgres, write_private

COLD_START_MIB = 2_500  # environment, caches and fresh servers together
WARM_START_MIB = 200
PAPER_CAPS = {
    "version": 1,
    "max_order_lots": "50",
    "max_order_value": "10000000",
    "max_orders_per_second": 20,
    "max_orders_per_minute": 300,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    root: Path
    var: Path

    @classmethod
    def here(cls) -> "Layout":
        root = Path(__file__).resolve().parents[2]
        return cls(root=root, var=Path(os.environ.get("MTQ_VAR") or root / "var").resolve())

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def cache(self) -> Path:
        return self.var / "cache"

    @property
    def venue(self) -> Path:
        return self.var / "venue"

    @property
    def replay(self) -> Path:
        return self.var / "replay"

    @property
    def gate(self) -> Path:
        return self.var / "gate"

    @property
    def env_file(self) -> Path:
        return self.var / "desk.env"

    @property
    def run_file(self) -> Path:
        return self.var / "run.json"

    @property
    def users_file(self) -> Path:
        return self.var / "users.json"

    @property
    def web_app(self) -> Path:
        return self.var / "static" / "app"

    @property
    def demo_stamp(self) -> Path:
        """A file with which a desk goes without demonstration agents."""
        return self.var / "demo-agents.stamp"

    @property
    def lock_file(self) -> Path:
        return self.var / "desk.lock"

    def make(self) -> None:
        """Make var/ and its drawers for this user alone. Raises Refusal when it is another's or full."""
        self.check_owner()
        with plain_disk_errors(self.var):
            for folder in (self.var, self.run, self.log, self.cache, self.venue, self.gate):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Where root has no user namespaces, PostgreSQL runs as nobody and passes through var/.
            postgres = Postgres(home=self.var / "postgres", port=0, password="")
            self.var.chmod(0o700 if postgres.run_as.uid is None else 0o711)
            caps = self.gate / "caps.json"
            if not caps.exists():
                write_private(caps, json.dumps(PAPER_CAPS, indent=2) + "\n")
            token = self.venue / "control.token"
            if not token.exists():
                write_private(token, secrets.token_urlsafe(32) + "\n")
        self.check_space()

    def check_owner(self) -> None:
        if not self.var.exists():
            return
        owner = self.var.stat().st_uid
        if owner != os.geteuid():
            raise Refusal(
                f"{self.var} belongs to {user_name(owner)}, you are {user_name(os.geteuid())}: "
                f"run as {user_name(owner)}, or give it away with chown -R"
            )

    def check_space(self) -> None:
        cold = not (self.var / "questdb").exists()
        needed = COLD_START_MIB if cold else WARM_START_MIB
        free = shutil.disk_usage(self.var).free // 2**20
        if free < needed:
            raise Refusal(f"no space left: {self.var} has {free} MiB free, {needed} MiB are needed")


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


@contextmanager
def plain_disk_errors(where: Path) -> Iterator[None]:
    """Turn the operating system's refusals to write into one clear line."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Refusal(f"no space left on the disk that holds {where}") from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise Refusal(f"{error.filename or where} cannot be written: {error.strerror}") from error
        raise


def lock(path: Path, *, wait: bool = False) -> IO[str] | None:
    """Take a lock that lasts as long as the result is open; None when another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_locked(path: Path) -> bool:
    """Tell whether a living process holds the lock; the file alone means nothing."""
    if not path.exists():
        return False
    held = lock(path)
    if held is None:
        return True
    held.close()
    return False
