"""Chooses TCP ports on loopback."""

import random
import socket

# Below the range that the kernel lends to outgoing connections, which would take a port before its server.
LOWEST, HIGHEST = 20_000, 32_000


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(*, taken: set[int] | None = None) -> int:
    """Find a free port and add it to `taken`, so that the next call gives another."""
    taken = set() if taken is None else taken
    while True:
        port = random.randint(LOWEST, HIGHEST)  # noqa: S311 (not a secret)
        if port not in taken and is_free(port):
            taken.add(port)
            return port
