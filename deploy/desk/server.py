"""What all embedded servers share: the shape that the supervisor knows, and where their binaries are."""

import os
import signal
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Protocol

from deploy.desk.refusal import Refusal


class Server(Protocol):
    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    @property
    def address(self) -> str: ...
    def initialise(self) -> None:
        """Make the data directory and the configuration; cheap where they are there already."""

    def command(self) -> list[str]: ...
    def ready(self) -> bool: ...


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    partial = path.with_name(path.name + ".new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    partial.rename(path)


def package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise Refusal(f"the package {name} is missing from .venv: run ./mtquant doctor")
    return Path(spec.origin).parent
