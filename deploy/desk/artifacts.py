"""Fetches what no wheel carries: the QuestDB jar, by its Maven coordinates, checked against a pinned hash."""

import hashlib
import os
import shutil
import sys
from collections.abc import MutableMapping
from pathlib import Path

from deploy.desk.refusal import Refusal

QUESTDB_VERSION = "9.3.4"
QUESTDB_SHA256 = "939bc53ab22f93dbaa6545143a6e7c536d4904c07b7f2d381e8eef10436be062"


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def questdb_jar(cache: Path, *, expected: str = QUESTDB_SHA256) -> Path:
    """Give the path of the checked jar under `cache`, fetching it where absent.

    Raises Refusal when it cannot be fetched or its hash differs; a file with another hash is never kept.
    """
    jar = cache / f"questdb-{QUESTDB_VERSION}.jar"
    if not jar.exists():
        cache.mkdir(parents=True, exist_ok=True)
        fetched = _fetch(cache / "maven")
        _check(fetched, expected)
        partial = jar.with_suffix(".partial")
        shutil.copyfile(fetched, partial)
        partial.rename(jar)
        shutil.rmtree(cache / "maven", ignore_errors=True)
    _check(jar, expected)
    return jar


def _check(path: Path, expected: str) -> None:
    found = sha256(path)
    if found != expected:
        path.unlink()
        raise Refusal(
            f"hash mismatch: {path.name} is {found[:16]}…, pinned is {expected[:16]}…; removed it, run again"
        )


def _fetch(repository: Path) -> Path:
    # Imported here: the installer runs before this package is there.
    from jgo.maven import MavenContext  # noqa: PLC0415

    try:
        context = MavenContext(repo_cache=repository)
        artifact = context.project("org.questdb", "questdb").at_version(QUESTDB_VERSION).artifact()
        return Path(artifact.resolve())
    except Exception as error:  # the library raises whatever its transport does; an edge turns it into a line
        raise Refusal(
            f"cannot fetch org.questdb:questdb:{QUESTDB_VERSION} from Maven Central ({error}); "
            "connect to a network once, or set QUESTDB_CONF to a QuestDB of yours"
        ) from error


def default_certificates(environ: MutableMapping[str, str]) -> None:
    """Point Python's and Node's HTTP clients at the machine's own certificates where nothing else is set."""
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    if os.path.exists(bundle):  # noqa: PTH110
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
            environ.setdefault(name, bundle)


if __name__ == "__main__":
    try:
        print(questdb_jar(Path(sys.argv[1])))
    except Refusal as refusal:
        sys.exit(str(refusal))
