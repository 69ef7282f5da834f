"""The file var/desk.env: addresses and secrets of the desk on this machine, `KEY=VALUE` lines."""

from collections.abc import Mapping, MutableMapping
from pathlib import Path

from deploy.desk.servers import write_private


def read(path: Path) -> dict[str, str]:
    """Read the file; absent means empty."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {key.strip(): value for key, _, value in pairs}


def write(path: Path, values: Mapping[str, str]) -> None:
    """Write the file so that only its owner may read it."""
    broken = [key for key, value in values.items() if "\n" in value]
    if broken:
        raise ValueError(f"a value may not hold a line break: {', '.join(broken)}")
    write_private(path, "".join(f"{key}={value}\n" for key, value in values.items()))


def fill(environ: MutableMapping[str, str], path: Path) -> None:
    """Set what the file holds and the environment lacks."""
    for key, value in read(path).items():
        environ.setdefault(key, value)
