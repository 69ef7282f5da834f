"""Policies as files in Django's storage, each under the hash of its content."""

import hashlib
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from apps.agents.domain.artefact import Artefact, from_bytes, hash_of, to_bytes
from apps.agents.errors import PolicyChanged


def store(artefact: Artefact) -> tuple[str, str]:
    """Keep an artefact; return its name in the storage and its hash, which are the same."""
    content = to_bytes(artefact)
    address = hash_of(content)
    return _keep(address, content), address


def store_text(text: str, *, folder: str, ending: str) -> str:
    """Keep a text under its hash; return its name in the storage."""
    content = text.encode()
    return _keep(f"{folder}/{hashlib.sha256(content).hexdigest()}{ending}", content)


def fetch(name: str, address: str) -> Artefact:
    """Read an artefact. Raise PolicyChanged when it is gone, or not what its hash says."""
    return from_bytes(read(name), expected=address)


def read(name: str) -> bytes:
    """Return the content of a stored file. Raise PolicyChanged when it cannot be read."""
    try:
        with default_storage.open(name) as file:
            return bytes(file.read())
    except OSError as error:
        raise PolicyChanged(f"the policy's file {name[:12]} cannot be read: {_reason(error)}") from error


def stamp(name: str) -> tuple[datetime, int]:
    """Return when the file was last changed and its size. Raise PolicyChanged when it is gone."""
    try:
        return default_storage.get_modified_time(name), default_storage.size(name)
    except OSError as error:
        raise PolicyChanged(f"the policy's file {name[:12]} cannot be read: {_reason(error)}") from error


def _keep(name: str, content: bytes) -> str:
    """Write once: what is there already is the same, unless a crash or a hand left something else."""
    if default_storage.exists(name):
        if read(name) == content:
            return name
        default_storage.delete(name)
    return str(default_storage.save(name, ContentFile(content)))


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
